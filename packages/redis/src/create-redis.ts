import { Redis, type RedisOptions } from "ioredis";
import { replyCode } from "./redis-errors.ts";
import { type RedisPlace, redisUrlForm, shownRedisUrl, targetOf } from "./redis-place.ts";

export interface RedisClientOptions {
  /** CLIENT LIST shows it. */
  readonly name: string;
  /** The most time that a command may take. */
  readonly commandTimeoutMs: number;
}

/** The pause between attempts to connect, in milliseconds, with jitter. */
const pauseMs = (attempt: number): number => Math.min(25 * 2 ** attempt, 1_000) * (0.5 + Math.random() / 2);

/**
 * The options with which ioredis sends each command at most once and ends it within its timeout. While Redis
 * is away, a command fails at once and is never queued: a queue could apply a change long after the caller
 * gave up.
 */
function optionsOf({ name, commandTimeoutMs }: RedisClientOptions) {
  return {
    connectionName: name,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    // With 0, commands under way fail when the connection closes. Above 0, ioredis would keep them for a
    // resend, which the option above forbids, and they would end only by their timeout.
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: commandTimeoutMs,
    sentinelCommandTimeout: commandTimeoutMs,
    // A connection without an answer for this long is half open. ioredis closes it and connects again.
    socketTimeout: commandTimeoutMs,
    disconnectTimeout: 200,
    retryStrategy: pauseMs,
    sentinelRetryStrategy: pauseMs,
    // After a failover the old address may lead to a replica, so ioredis has to look the master up again. 1
    // only reconnects; 2 would also resend the command.
    reconnectOnError: (error: Error) => (replyCode(error) === "READONLY" ? 1 : false),
    // Pipelining is slower for scripts: EVALSHA commands are already written without waiting for earlier
    // ones.
    enableAutoPipelining: false,
  } satisfies RedisOptions;
}

/**
 * Starts to connect, and reconnects by itself. Commands fail while Redis is away. Listen for `error`: without
 * a listener ioredis prints it.
 */
export function createRedis(place: RedisPlace, options: RedisClientOptions): Redis {
  const target = targetOf(place);
  if (target === null)
    throw new Error(`REDIS_URL must be like ${redisUrlForm.example}, and is ${shownRedisUrl(place.url)}`);
  const all = { ...optionsOf(options), ...target.options };
  return target.url === null ? new Redis(all) : new Redis(target.url, all);
}
