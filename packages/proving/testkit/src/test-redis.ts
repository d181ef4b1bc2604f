import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import type {} from "./global-setup.ts";
import { once } from "./redis-server.ts";

export interface TestRedis {
  readonly url: string;
  /** Tests put this before every key, because other tests use the same Redis at the same time. */
  readonly prefix: string;
  /** Deletes every key that contains the prefix. */
  clear(): Promise<void>;
}

/** Returns a prefix for keys that no other test uses. Works only in tests named `.integration.test.ts`. */
export function testRedis(): TestRedis {
  const url = inject("redisUrl");
  const prefix = `sallyport-test-${inject("runId")}-${randomBytes(6).toString("hex")}:`;
  return {
    url,
    prefix,
    clear: () =>
      once(url, async (redis) => {
        for await (const keys of redis.scanStream({ match: `*${prefix}*`, count: 1_000 })) {
          if (keys.length > 0) await redis.unlink(...keys);
        }
      }),
  };
}
