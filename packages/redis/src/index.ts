export { createRedis, type RedisClientOptions } from "./create-redis.ts";
export { isForGood, replyCode } from "./redis-errors.ts";
export { type RedisPlace, redisUrlForm, shownRedisUrl, targetOf } from "./redis-place.ts";
export { sentinelTrouble } from "./sentinel-trouble.ts";
