import { Unavailable } from "@sallyport/domain";
import { accountLockKey, serverLockKey } from "@sallyport/lock-core";
import { type LockReader, MemoryLockStore } from "@sallyport/lock-store";
import { type Metrics, noMetrics } from "@sallyport/server-kit";
import { ManualClock } from "@sallyport/testkit";
import { beforeEach, expect, test } from "vitest";
import { LockCensus } from "../src/lock-census.ts";
import { accountLocks } from "./scene.ts";

const failed = (error: unknown): void => {
  throw error;
};

let clock: ManualClock;
let store: MemoryLockStore;
let pages: number;
let away: boolean;
let scrape: () => string[];
let census: LockCensus;

beforeEach(() => {
  clock = new ManualClock();
  store = new MemoryLockStore({ nowMs: () => clock.nowMs() });
  pages = 0;
  away = false;
  const list: LockReader["list"] = async (cursor, limit) => {
    pages += 1;
    if (away) throw new Unavailable("Redis is away");
    return store.list(cursor, limit);
  };
  const reader = { load: (key: string) => store.load(key), list };
  scrape = () => [];
  // Returns the metrics about locks, each as a line of text.
  const watchEach: Metrics["watchEach"] = (name, read) => {
    const line = ([labels, value]: readonly [labels: object, value: number]): string => {
      const pairs = Object.entries(labels).map(([label, of]) => `${label}="${of}"`);
      return `sallyport_${name}{${pairs.join(",")}} ${value}`;
    };
    scrape = () => Array.from(read(), line);
  };
  census = new LockCensus({ clock, metrics: { ...noMetrics, watchEach }, failed }, [reader]);
});

type State = keyof typeof accountLocks | "connected" | "gone wrong";

async function put(key: string, state: State): Promise<void> {
  const server = { state, incarnation: "life", cookieHash: "", deadlineMs: 0 };
  const lock = state in accountLocks ? accountLocks[state as keyof typeof accountLocks] : server;
  const value = JSON.stringify(lock);
  await store.compareAndSet({ key, expectedVersion: 0, value, deadline: "none" as const, owner: "one" });
}

const countedMs = 10_000;

test("locks are counted by kind and state, and the next scrapes get the counts", async () => {
  for (let nth = 0; nth < 250; nth += 1) await put(accountLockKey(nth), nth < 200 ? "held" : "granted");
  await put(serverLockKey("alpha"), "connected");
  expect(scrape()).toEqual([]);
  await clock.advance(countedMs);
  expect(scrape().sort()).toEqual([
    'sallyport_locks{kind="account",state="granted"} 50',
    'sallyport_locks{kind="account",state="held"} 200',
    'sallyport_locks{kind="server",state="connected"} 1',
  ]);
});

test("the store is counted at most once in half a minute, and only when a scrape asks", async () => {
  for (let nth = 0; nth < 250; nth += 1) await put(accountLockKey(nth), "held");
  await clock.advance(120_000);
  expect(pages).toBe(0);
  for (let scrapes = 0; scrapes < 100; scrapes += 1) scrape();
  await clock.advance(countedMs);
  for (let scrapes = 0; scrapes < 100; scrapes += 1) scrape();
  await clock.advance(countedMs);
  expect(pages).toBe(3);
  await clock.advance(30_000);
  scrape();
  await clock.advance(countedMs);
  expect(pages).toBe(6);
});

test("a value that is not a lock is counted as unreadable, and the locks are counted as well", async () => {
  await put(accountLockKey(1), "held");
  await put(accountLockKey(2), "gone wrong");
  scrape();
  await clock.advance(countedMs);
  expect(scrape().sort()).toEqual([
    'sallyport_locks{kind="account",state="held"} 1',
    'sallyport_locks{kind="account",state="unreadable"} 1',
  ]);
});

test("a state without locks is reported as 0", async () => {
  await put(accountLockKey(1), "held");
  scrape();
  await clock.advance(60_000);
  const { lock } = await store.load(accountLockKey(1));
  const change = {
    key: accountLockKey(1),
    expectedVersion: lock?.version ?? 0,
    deadline: "none" as const,
    owner: null,
  };
  await store.compareAndSet({ ...change, value: null });
  scrape();
  await clock.advance(countedMs);
  expect(scrape()).toEqual(['sallyport_locks{kind="account",state="held"} 0']);
});

test("no counts are reported while the store does not answer", async () => {
  await put(accountLockKey(1), "held");
  scrape();
  await clock.advance(60_000);
  away = true;
  scrape();
  await clock.advance(countedMs);
  expect(scrape()).toEqual([]);
  away = false;
  await clock.advance(60_000);
  scrape();
  await clock.advance(countedMs);
  expect(scrape()).toEqual(['sallyport_locks{kind="account",state="held"} 1']);
});

test("counting ends when it is stopped", async () => {
  for (let nth = 0; nth < 250; nth += 1) await put(accountLockKey(nth), "held");
  scrape();
  census.stop();
  await clock.advance(countedMs);
  expect(pages).toBe(1);
});
