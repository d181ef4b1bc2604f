import { CountedAttempts, defaultAttemptBounds } from "@sallyport/authentication";
import { systemClock } from "@sallyport/clock";
import { startRedis, testRedis, until } from "@sallyport/testkit";
import { expect, test } from "vitest";
import { openAttemptCounts } from "../src/index.ts";
import { attemptCountsContract } from "./contract.ts";

const { nowMs } = systemClock;

attemptCountsContract("Redis", async (servers, bounds) => {
  const { url, prefix, clear } = testRedis();
  const opened = await Promise.all(
    // On a busy machine, an answer may take longer than servers wait.
    Array.from({ length: servers }, () =>
      openAttemptCounts({ redis: { url }, bounds, nowMs, prefix, commandMs: 60_000 }),
    ),
  );
  return {
    counts: opened.map(({ counts }) => counts),
    close: async () => {
      for (const each of opened) each.close();
      await clear();
    },
  };
});

test("while Redis is away, each server counts for itself, and Redis counts again when it is back", async () => {
  const redis = await startRedis();
  const bounds = { ...defaultAttemptBounds, failuresPerName: 0 };
  const { counts, close } = await openAttemptCounts({ redis: { url: redis.url }, bounds, nowMs });
  try {
    const attempts = new CountedAttempts({
      ...{ counts, bounds, nowMs, clusterSecret: new Uint8Array(32) },
      ban: async () => {},
      pause: () => new Promise((resolve) => void setImmediate(resolve)),
    });
    const asker = { address: "192.0.2.1", gone: new AbortController().signal };
    const guess = async (): Promise<boolean> => {
      const begun = await attempts.begin("alice", asker, async () => false);
      if (begun.ok) begun.end("wrong");
      return begun.ok;
    };
    await redis.kill();
    const guesses: boolean[] = [];
    for (let attempt = 1; attempt <= 10; attempt += 1) guesses.push(await guess());
    expect(guesses.filter((isAllowed) => isAllowed)).toHaveLength(5);
    await redis.start();
    const other = await openAttemptCounts({ redis: { url: redis.url }, bounds, nowMs });
    await until(
      async () => {
        await counts.addresses.add("192.0.2.2", 1);
        return (await other.counts.addresses.of("192.0.2.2")) !== null;
      },
      { what: "Redis counts again" },
    );
    other.close();
  } finally {
    close();
    await redis.stop();
  }
});
