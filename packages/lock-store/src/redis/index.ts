export { type OpenRedisLockStoreOptions, openRedisLockStore } from "./open-redis-lock-store.ts";
export { type OpenRedisLockReadersOptions, openRedisLockReaders } from "./redis-lock-reader.ts";
