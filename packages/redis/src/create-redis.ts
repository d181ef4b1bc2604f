import { Redis, type RedisOptions } from "ioredis";
import { replyCode } from "./redis-errors.ts";
import { type RedisPlace, redisUrlForm, shownRedisUrl, targetOf } from "./redis-place.ts";

export interface RedisClientOptions {
  /** Redis shows this name in the output of `CLIENT LIST`. */
  readonly name: string;
  readonly commandTimeoutMs: number;
}

const pauseMs = (attempt: number): number => Math.min(25 * 2 ** attempt, 1_000) * (0.5 + Math.random() / 2);

/**
 * With these options, ioredis sends each command at most once, and each command ends within its timeout.
 * While Redis cannot be reached, a command fails at once and is never queued. A queued command could make a
 * change long after the caller gave up.
 */
function optionsOf({ name, commandTimeoutMs }: RedisClientOptions) {
  return {
    connectionName: name,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    // With 0, unanswered commands fail when the connection closes. With a higher number, ioredis would keep
    // these commands for a resend. `autoResendUnfulfilledCommands` forbids the resend, so the commands would
    // end only by their timeout.
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: commandTimeoutMs,
    sentinelCommandTimeout: commandTimeoutMs,
    // If a command gets no answer for this long, the connection is treated as broken. ioredis closes it and
    // connects again.
    socketTimeout: commandTimeoutMs,
    disconnectTimeout: 200,
    retryStrategy: pauseMs,
    sentinelRetryStrategy: pauseMs,
    // READONLY means that this address belongs to a replica. This can happen after a failover. ioredis has to
    // look up the master again. The result 1 only reconnects. The result 2 would also resend the command.
    reconnectOnError: (error: Error) => (replyCode(error) === "READONLY" ? 1 : false),
    // ioredis writes commands without waiting for earlier answers. The lock store gathers its commands itself.
    enableAutoPipelining: false,
  } satisfies RedisOptions;
}

/**
 * Starts to connect, and reconnects by itself. While Redis cannot be reached, commands fail. The caller must
 * listen for `error`. Otherwise ioredis prints each error.
 */
export function createRedis(place: RedisPlace, options: RedisClientOptions): Redis {
  const target = targetOf(place);
  if (target === null)
    throw new Error(`REDIS_URL must be like ${redisUrlForm.example}, and is ${shownRedisUrl(place.url)}`);
  const all = { ...optionsOf(options), ...target.options };
  return target.url === null ? new Redis(all) : new Redis(target.url, all);
}
