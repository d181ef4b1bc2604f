import { Redis, type RedisOptions } from "ioredis";
import { replyCode } from "./redis-errors.ts";
import { type RedisPlace, redisUrlForm, shownRedisUrl, targetOf } from "./redis-place.ts";

export interface RedisClientOptions {
  /** Shown by CLIENT LIST. */
  readonly name: string;
  /** The longest that any command may take. */
  readonly commandTimeoutMs: number;
}

/** Between attempts to connect, in milliseconds, jittered. */
const pauseMs = (attempt: number): number => Math.min(25 * 2 ** attempt, 1_000) * (0.5 + Math.random() / 2);

/**
 * Options under which a command is sent at most once and ends within its timeout. Redis being away is told to the
 * caller at once, never queued: a queue would let a change land long after whoever asked has given up.
 */
function optionsOf({ name, commandTimeoutMs }: RedisClientOptions) {
  return {
    connectionName: name,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    // At 0 whatever is under way fails as the connection closes. Above 0 it would be kept for a resend that the
    // option above forbids, and end only by its timeout.
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: commandTimeoutMs,
    sentinelCommandTimeout: commandTimeoutMs,
    // A connection that answers nothing for so long is half open: closed, and made anew.
    socketTimeout: commandTimeoutMs,
    disconnectTimeout: 200,
    retryStrategy: pauseMs,
    sentinelRetryStrategy: pauseMs,
    // After a failover the old address may lead to a replica until it is looked up again. Not 2: that resends.
    reconnectOnError: (error: Error) => (replyCode(error) === "READONLY" ? 1 : false),
    // Slower for scripts (an EVALSHA is already written without waiting for the one before).
    enableAutoPipelining: false,
  } satisfies RedisOptions;
}

/** Begins to connect, and heals by itself; commands fail while it is away. Listen for `error`: ioredis prints it otherwise. */
export function createRedis(place: RedisPlace, options: RedisClientOptions): Redis {
  const target = targetOf(place);
  if (target === null)
    throw new Error(`REDIS_URL must be like ${redisUrlForm.example}, and is ${shownRedisUrl(place.url)}`);
  const all = { ...optionsOf(options), ...target.options };
  return target.url === null ? new Redis(all) : new Redis(target.url, all);
}
