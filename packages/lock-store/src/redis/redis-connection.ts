import { Redis, type RedisOptions } from "ioredis";
import { StoreUnavailable } from "../store-unavailable.ts";
import { replyCode } from "./redis-errors.ts";

/** A pino logger is one. */
export interface StoreLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface RedisConnectionOptions {
  readonly url: string;
  /** Shown by CLIENT LIST. */
  readonly name: string;
  /** The longest that any command may take. */
  readonly commandTimeoutMs: number;
  /** The longest that opening may take. */
  readonly openTimeoutMs: number;
  readonly log?: StoreLog | undefined;
}

/**
 * Options under which a command is sent at most once and ends within its timeout. Redis being away is told to the
 * caller at once, never queued: a queue would let a change land long after whoever asked has given up.
 */
function redisOptions({ name, commandTimeoutMs }: RedisConnectionOptions) {
  return {
    connectionName: name,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    // At 0 whatever is under way fails as the connection closes. Above 0 it would be kept for a resend that the
    // option above forbids, and end only by its timeout.
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: commandTimeoutMs,
    // A connection that answers nothing for so long is half open: closed, and made anew.
    socketTimeout: commandTimeoutMs,
    disconnectTimeout: 200,
    retryStrategy: (attempt: number) => Math.min(25 * 2 ** attempt, 1_000) * (0.5 + Math.random() / 2),
    // After a failover the old address may lead to a replica until the name is looked up again. Not 2: that resends.
    reconnectOnError: (error: Error) => (replyCode(error) === "READONLY" ? 1 : false),
    // Slower for scripts (an EVALSHA is already written without waiting for the one before).
    enableAutoPipelining: false,
  } satisfies RedisOptions;
}

/** Connects, within the bound. The connection then heals by itself; commands fail while it is away. */
export async function connectRedis(options: RedisConnectionOptions): Promise<Redis> {
  const { url, openTimeoutMs, log } = options;
  const where = withoutPassword(url);
  if (!/^(redis|rediss|unix):\/\/./.test(url)) {
    throw new Error(`REDIS_URL must be like redis://host:6379, rediss:// or unix:///path, but is ${where}`);
  }
  const client = new Redis(url, redisOptions(options));
  // ioredis tells of each failed attempt to connect by this event alone, and prints it when nobody listens.
  let lastError: Error | undefined;
  client.on("error", (error: Error) => {
    lastError = error;
  });
  const ready = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), openTimeoutMs);
    client.once("ready", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
  if (!ready) {
    client.disconnect();
    throw new StoreUnavailable(
      `no Redis at ${where} (REDIS_URL) within ${openTimeoutMs} ms: ${lastError?.message ?? "it does not answer"}`,
      { cause: lastError },
    );
  }
  if (log !== undefined) reportChanges(client, log, () => lastError);
  return client;
}

/** One line as it goes and one as it comes back, however many attempts there are in between. */
function reportChanges(client: Redis, log: StoreLog, lastError: () => Error | undefined): void {
  let away = false;
  client.on("reconnecting", () => {
    if (!away) log.warn({ err: lastError() }, "Redis is away: locks cannot be changed");
    away = true;
  });
  client.on("ready", () => {
    if (away) log.info({}, "Redis is back");
    away = false;
  });
}

/** Up to the last @: one in a password is no end of it. A query may hold a password as well. */
function withoutPassword(url: string): string {
  return url.replace(/(?<=^\w+:\/\/).*@/s, "***@").replace(/\?.*$/s, "");
}
