import { Unavailable } from "@sallyport/domain";
import { createRedis, isForGood, type RedisPlace, sentinelTrouble, shownRedisUrl } from "@sallyport/redis";
import type { Redis } from "ioredis";

/** A pino logger fits. */
export interface StoreLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface RedisConnectionOptions extends RedisPlace {
  /** Shown by CLIENT LIST. */
  readonly name: string;
  /** The longest that any command may take. */
  readonly commandTimeoutMs: number;
  /** The longest that opening may take. */
  readonly openTimeoutMs: number;
  readonly log?: StoreLog | undefined;
}

/**
 * Connects within the bound. The connection then repairs itself; commands fail while it is away. Rejects with
 * `Unavailable` if a later attempt may succeed.
 */
export async function connectRedis(options: RedisConnectionOptions): Promise<Redis> {
  const { url, openTimeoutMs, log } = options;
  const client = createRedis(options, options);
  // ioredis reports each failed attempt to connect only by this event, and prints it if there is no listener.
  let lastError: Error | undefined;
  const ready = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), openTimeoutMs);
    const settle = (isReady: boolean): void => {
      clearTimeout(timer);
      resolve(isReady);
    };
    client.on("error", (error: Error) => {
      lastError = error;
      if (isForGood(error)) settle(false);
    });
    client.once("ready", () => settle(true));
  });
  if (!ready) {
    // Closing the connection causes errors of its own.
    const before = lastError;
    client.disconnect();
    const cause = (await sentinelTrouble(options, options.commandTimeoutMs)) ?? before;
    const told = `cannot use Redis at REDIS_URL ${shownRedisUrl(url)}: ${cause?.message ?? "it does not answer"}`;
    throw isForGood(cause) ? new Error(told, { cause }) : new Unavailable(told, { store: "Redis", cause });
  }
  if (log !== undefined) reportChanges(client, log, () => lastError);
  return client;
}

/** Logs one line when the connection goes and one when it is back, however many attempts lie in between. */
function reportChanges(client: Redis, log: StoreLog, lastError: () => Error | undefined): void {
  let away = false;
  client.on("reconnecting", () => {
    if (!away) log.warn({ err: lastError() }, "Redis does not answer; locks cannot be changed");
    away = true;
  });
  client.on("ready", () => {
    if (away) log.info({}, "Redis answers again");
    away = false;
  });
}
