import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryLockState, MemoryLockStore } from "../src/index.ts";
import { DeadlineHeap } from "../src/memory/deadline-heap.ts";
import { lockStoreContract } from "./contract.ts";
import { agreesWithAMap } from "./model.ts";
import type { Opened } from "./opened.ts";

async function open(): Promise<Opened> {
  // The store must turn this time into a whole number.
  let nowMs = 1_700_000_000_000.75;
  const state = new MemoryLockState();
  const reopen = async () => new MemoryLockStore({ nowMs: () => nowMs, state });
  return {
    store: await reopen(),
    reader: await reopen(),
    reopen,
    clockReaches: async (atMs) => {
      nowMs = Math.max(nowMs, atMs);
    },
    shardOf: () => 0,
    close: async () => {},
  };
}

lockStoreContract("memory", open);

describe("memory lock store", () => {
  it("agrees with a plain map over random programs", async () => {
    const marks = await agreesWithAMap(open, 500);
    for (const [mark, count] of Object.entries(marks)) expect(count, mark).toBeGreaterThan(0);
  });

  it("keeps nothing of deleted locks", async () => {
    const state = new MemoryLockState();
    const store = new MemoryLockStore({ nowMs: () => 0, state });
    const change = { key: "account:17", owner: "char-1", deadline: { atMs: 5 } };
    const created = await store.compareAndSet({ ...change, expectedVersion: 0, value: "a" });
    if (!created.ok) throw new Error("not created");
    await store.compareAndSet({ ...change, expectedVersion: created.version, value: null });
    expect([state.locks.size, state.deadlines.size, state.owned.size]).toEqual([0, 0, 0]);
  });
});

describe("deadline heap", () => {
  it("has the order of a sorted list under any additions, changes and removals", () => {
    const deadline = fc.tuple(fc.nat({ max: 30 }), fc.option(fc.nat({ max: 50 }), { freq: 4 }));
    fc.assert(
      fc.property(
        fc.array(deadline, { maxLength: 200 }),
        fc.nat({ max: 60 }),
        fc.nat({ max: 40 }),
        (sets, nowMs, limit) => {
          const heap = new DeadlineHeap();
          const model = new Map<string, number>();
          for (const [name, atMs] of sets) {
            if (atMs === null) {
              heap.delete(`${name}`);
              model.delete(`${name}`);
            } else {
              heap.set(`${name}`, atMs);
              model.set(`${name}`, atMs);
            }
          }
          const sorted = [...model]
            .filter(([, atMs]) => atMs <= nowMs)
            .sort(([a, aMs], [b, bMs]) => aMs - bMs || (a < b ? -1 : 1))
            .map(([key]) => key);
          expect(heap.due(nowMs, limit)).toEqual(sorted.slice(0, limit));
          expect(heap.due(nowMs, 1_000)).toEqual(sorted);
          expect(heap.size).toBe(model.size);
        },
      ),
    );
  });

  it("looks at the due entries and one more, however many wait", () => {
    const looksAtTheClock = (waiting: number): number => {
      const heap = new DeadlineHeap();
      for (let n = 0; n < waiting; n += 1) heap.set(`waiting:${n}`, 1_000 + n);
      for (let n = 0; n < 100; n += 1) heap.set(`due:${n}`, n);
      let looks = 0;
      const counted = { [Symbol.toPrimitive]: () => (looks += 1) && 500 };
      expect(heap.due(counted as unknown as number, 200)).toHaveLength(100);
      return looks;
    };
    expect(looksAtTheClock(1_000)).toBe(101);
    expect(looksAtTheClock(100_000)).toBe(101);
  });
});
