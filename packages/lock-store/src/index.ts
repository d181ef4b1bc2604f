export { type SweepOptions, type Swept, sweepDue } from "./expiry-sweep.ts";
export { KnownLocks } from "./known-locks.ts";
export type { LockPage, LockReader, LockReaders } from "./lock-reader.ts";
export {
  type Applied,
  Contended,
  LockService,
  type LockServiceOptions,
} from "./lock-service.ts";
export {
  type Change,
  type Changed,
  type Loaded,
  type LockStore,
  type Losses,
  noLosses,
  type Page,
  type StoredLock,
} from "./lock-store.ts";
export { nullIfUnreadable, readLock, UnreadableLock } from "./lock-value.ts";
export { accountOfKey, locksByAccount, ownedPages } from "./locks-by-account.ts";
export { MemoryLockState, MemoryLockStore, type MemoryLockStoreOptions } from "./memory/memory-lock-store.ts";
export type { StoreLog } from "./redis/redis-connection.ts";
