import { type RunningRedis, startRedis } from "@sallyport/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { sweepDue } from "../src/index.ts";
import { callsDuring, type OpenedRedis, openRedis } from "./open-redis.ts";

let server: RunningRedis;
let opened: OpenedRedis;

beforeEach(async () => {
  server = await startRedis();
  opened = await openRedis({ url: server.url, commandTimeoutMs: 30_000 });
});
afterEach(async () => {
  await opened.close();
  await server.stop();
});

const hourMs = 3_600_000;
const fill = `
  for n = 1, ARGV[1] do
    redis.call("ZADD", KEYS[1], ARGV[2] + n, "account:" .. ARGV[3] .. ":" .. n)
  end
  return redis.call("ZCARD", KEYS[1])`;

/** Adds deadlines that are due in an hour, to every shard. */
async function addWaiting(count: number): Promise<number> {
  const { keys, redis, store } = opened;
  const { nowMs } = await store.load("account:1");
  let inAll = 0;
  for (let shard = 0; shard < keys.shards; shard += 1) {
    const args = [count / keys.shards, nowMs + hourMs, `waiting-${shard}`];
    inAll += Number(await redis.eval(fill, 1, keys.deadlines(shard), ...args));
  }
  return inAll;
}

interface Sweep {
  readonly keys: readonly string[];
  readonly calls: Record<string, number>;
  readonly bytesOut: number;
}

async function sweep(limit: number): Promise<Sweep> {
  const { redis, store } = opened;
  const bytesOut = async (): Promise<number> =>
    Number(/total_net_output_bytes:(\d+)/.exec(await redis.info("stats"))?.[1]);
  const keys: string[] = [];
  let sent = 0;
  const calls = await callsDuring(redis, async () => {
    const before = await bytesOut();
    const expire = async (key: string) => void keys.push(key);
    await sweepDue({ store, limit, expire, onError: (key) => expect.unreachable(key) });
    sent = (await bytesOut()) - before;
  });
  return { keys: keys.sort(), calls, bytesOut: sent };
}

it("sweeps 100 due among 1,000,000 deadlines with the same commands and answers as among 1,000", async () => {
  const { store } = opened;
  const due = Array.from({ length: 100 }, (_, n) => `account:${n}`).sort();
  for (const key of due) {
    await store.compareAndSet({ key, expectedVersion: 0, value: "a", deadline: { atMs: 1 }, owner: null });
  }
  await addWaiting(1_000 - (1_000 % opened.keys.shards));
  const few = await sweep(1_000);
  expect(await addWaiting(1_000_000)).toBeGreaterThanOrEqual(1_000_000);
  const many = await sweep(1_000);

  expect(few.keys).toEqual(due);
  expect(many.keys).toEqual(due);
  // One script runs for each shard. It returns one count and the keys that are due in its shard.
  expect(few.calls).toEqual({ evalsha: 16, get: 16, hget: 16, time: 16, zcount: 16, zrangebyscore: 16 });
  expect(many.calls).toEqual(few.calls);
  // The answer to INFO is part of `bytesOut`, and its length varies by a few digits.
  expect(Math.abs(many.bytesOut - few.bytesOut)).toBeLessThan(200);
});

it("sends one request to each shard if nothing is due, however many deadlines wait", async () => {
  await addWaiting(100_000);
  const { keys, calls } = await sweep(1_000);
  expect(keys).toEqual([]);
  expect(calls).toEqual({ evalsha: 16, get: 16, hget: 16, time: 16, zcount: 16 });
});

it("reads no more keys than its limit if more are due", async () => {
  const { keys, redis, store } = opened;
  for (let shard = 0; shard < keys.shards; shard += 1) {
    // Most keys are in one shard, so that one request to each shard cannot be enough.
    const members = Array.from({ length: shard === 3 ? 5_000 : 10 }, (_, n) => [n, `account:${shard}:${n}`]);
    await redis.zadd(keys.deadlines(shard), ...members.flat());
  }
  const calls = await callsDuring(redis, async () => {
    const due = await store.due(1_000);
    expect(due).toHaveLength(1_000);
    expect(due.filter((key) => key.startsWith("account:3:"))).toHaveLength(850);
  });
  expect(calls).toMatchObject({ evalsha: 17, zrangebyscore: 17 });
});
