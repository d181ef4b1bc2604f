import { Redis } from "ioredis";
import { isForGood } from "./redis-errors.ts";
import { type RedisPlace, targetOf } from "./redis-place.ts";

/**
 * Asks each Sentinel separately why it names no master. ioredis itself reports all Sentinels as unreachable,
 * even if they do not know the name, refuse the password or show a certificate that is not trusted. Resolves
 * to null if every Sentinel names a master.
 */
export async function sentinelTrouble(place: RedisPlace, withinMs: number): Promise<Error | null> {
  const { sentinels = [], name = "", ...target } = targetOf(place)?.options ?? {};
  const found = await Promise.all(
    sentinels.map(async ({ host = "", port = 0 }) => {
      const sentinel = new Redis({
        host,
        port,
        username: target.sentinelUsername,
        password: target.sentinelPassword,
        tls: target.sentinelTLS,
        lazyConnect: true,
        enableReadyCheck: false,
        retryStrategy: () => null,
        connectTimeout: withinMs,
        commandTimeout: withinMs,
      });
      let connecting: Error | null = null;
      sentinel.on("error", (error: Error) => {
        connecting ??= error;
      });
      try {
        await sentinel.connect();
        const address = await sentinel.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name);
        return address === null
          ? new Error(`the Sentinel at ${host}:${port} has no master named ${name}`)
          : null;
      } catch (error) {
        return connecting ?? (error instanceof Error ? error : new Error(String(error)));
      } finally {
        sentinel.disconnect();
      }
    }),
  );
  return found.find(isForGood) ?? found.find((error) => error !== null) ?? null;
}
