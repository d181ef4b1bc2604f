import { Unavailable } from "@sallyport/domain";
import { createRedis, isForGood, type RedisPlace, sentinelTrouble, shownRedisUrl } from "@sallyport/redis";
import type { Redis } from "ioredis";

export interface StoreLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface RedisConnectionOptions extends RedisPlace {
  /** The name that CLIENT LIST shows. */
  readonly name: string;
  readonly commandTimeoutMs: number;
  readonly openTimeoutMs: number;
  readonly log?: StoreLog | undefined;
}

/**
 * Connects within `openTimeoutMs`. If the connection is lost later, the client reconnects by itself, and
 * commands fail while there is no connection. Rejects with `Unavailable` if a later attempt may succeed.
 */
export async function connectRedis(options: RedisConnectionOptions): Promise<Redis> {
  const { url, openTimeoutMs, log } = options;
  const client = createRedis(options, options);
  // ioredis reports a failed attempt to connect only by the event `error`. Without a listener, ioredis prints
  // the error.
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
    // Disconnecting causes further errors, which must not replace the error that is reported.
    const before = lastError;
    client.disconnect();
    const cause = (await sentinelTrouble(options, options.commandTimeoutMs)) ?? before;
    const told = `cannot use Redis at REDIS_URL ${shownRedisUrl(url)}: ${cause?.message ?? "it does not answer"}`;
    throw isForGood(cause) ? new Error(told, { cause }) : new Unavailable(told, { store: "Redis", cause });
  }
  if (log !== undefined) reportChanges(client, log, () => lastError);
  return client;
}

/** Logs one line when the connection is lost and one when it is back, but no line for each attempt. */
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
