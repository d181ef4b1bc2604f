import fc from "fast-check";
import { expect } from "vitest";
import { type Opened, pages } from "./opened.ts";

/*
 * These programs run on a store and on a plain map, which must agree. The map has the rule of
 * compare-and-set, but no indexes: it looks at every lock to find those that are due or owned. So store and
 * map share no code that could have the same mistake.
 */

interface ModelLock {
  readonly version: number;
  readonly value: string;
  readonly deadlineMs: number | null;
  readonly owner: string | null;
}

const keys = ["account:1", "account:2", "character:1:2", "k{e}y", "ключ", " "];
const owners = ["char-1", "char-10", "map é"];
const hourMs = 3_600_000;

const key = fc.constantFrom(...keys);
const change = fc.record({
  key,
  // A program expects the present version, an earlier version, or no lock.
  expect: fc.oneof(
    { weight: 5, arbitrary: fc.constant("current" as const) },
    fc.constant("absent" as const),
    fc.nat({ max: 40 }),
  ),
  value: fc.option(fc.string({ unit: "grapheme", maxLength: 80 }), { freq: 3 }),
  deadline: fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: -20, max: 0 }).map((ms) => ({ fromStartMs: ms })) },
    fc.constantFrom(
      { fromStartMs: hourMs } as const,
      { inMs: hourMs } as const,
      "keep" as const,
      "none" as const,
    ),
  ),
  when: fc.option(fc.constantFrom("due" as const, "not-due" as const), { freq: 3, nil: undefined }),
  owner: fc.option(fc.constantFrom(...owners), { freq: 3 }),
});
const step = fc.oneof(
  {
    weight: 6,
    // All changes of one step are made in one turn of the event loop.
    arbitrary: fc.record({
      do: fc.constant("change" as const),
      changes: fc.array(change, { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("load" as const), key }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("due" as const), limit: fc.integer({ min: 1, max: 8 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("owned" as const),
      owner: fc.constantFrom(...owners),
      limit: fc.integer({ min: 1, max: 8 }),
    }),
  },
);
/** Without `size`, the arrays are too short to reach the interesting states. */
const programs = fc.array(step, { minLength: 1, maxLength: 60, size: "max" });
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type ModelDeadline = (typeof change extends fc.Arbitrary<infer T> ? T : never)["deadline"];

/** Counts how often a run reached each outcome. A run that misses an outcome has proved nothing about it. */
export type Marks = Record<
  "created" | "replaced" | "deleted" | "mismatched" | "untimely" | "due" | "cut" | "owned",
  number
>;

export async function agreesWithAMap(open: () => Promise<Opened>, numRuns: number): Promise<Marks> {
  const marks = { created: 0, replaced: 0, deleted: 0, mismatched: 0, untimely: 0, due: 0, cut: 0, owned: 0 };
  await fc.assert(
    fc.asyncProperty(programs, async (program) => {
      const opened = await open();
      try {
        await run(program, opened, marks);
      } finally {
        await opened.close();
      }
    }),
    { numRuns },
  );
  return marks;
}

async function run(program: readonly Step[], { store, shardOf }: Opened, marks: Marks): Promise<void> {
  const model = new Map<string, ModelLock>();
  const given: { readonly key: string; readonly version: number }[] = [];
  const { nowMs: startMs } = await store.load("account:1");
  const seenAs = (lock: ModelLock | undefined) =>
    lock === undefined ? null : { version: lock.version, value: lock.value, deadlineMs: lock.deadlineMs };
  const isDue = (lock: ModelLock | undefined): boolean => (lock?.deadlineMs ?? startMs + 1) <= startMs;
  /** Returns the deadline after a change. If only the store knows it, checks that it is not too early. */
  const deadlineAfter = async (key: string, before: ModelLock | undefined, deadline: ModelDeadline) => {
    if (deadline === "none") return null;
    if (deadline === "keep") return before?.deadlineMs ?? null;
    if ("fromStartMs" in deadline) return startMs + deadline.fromStartMs;
    const { lock } = await store.load(key);
    expect(lock?.deadlineMs).toBeGreaterThanOrEqual(startMs + deadline.inMs);
    return lock?.deadlineMs ?? null;
  };

  for (const act of program) {
    switch (act.do) {
      case "load": {
        expect((await store.load(act.key)).lock).toEqual(seenAs(model.get(act.key)));
        break;
      }
      case "change": {
        // All changes of one step expect versions from before the step, because their answers come after it.
        const expected = act.changes.map(({ key, expect }) => {
          const earlier = typeof expect === "number" ? given[expect % given.length]?.version : undefined;
          return expect === "current" ? (model.get(key)?.version ?? 0) : (earlier ?? 0);
        });
        const answers = await Promise.all(
          act.changes.map(({ key, value, owner, deadline, when }, n) => {
            const isAt = typeof deadline === "object" && "fromStartMs" in deadline;
            const change = {
              ...{ key, value, owner, when, expectedVersion: expected[n] ?? 0 },
              deadline: isAt ? { atMs: startMs + deadline.fromStartMs } : deadline,
            };
            return store.compareAndSet(change);
          }),
        );
        for (const [n, { key, value, owner, deadline, when }] of act.changes.entries()) {
          const changed = answers[n];
          const before = model.get(key);
          if (changed === undefined) throw new Error("a change without an answer");
          const isOther = expected[n] !== (before?.version ?? 0);
          const isUntimely = when !== undefined && isDue(before) !== (when === "due");
          expect(changed.ok).toBe(!isOther && !isUntimely);
          if (!changed.ok) {
            expect(changed).toMatchObject({ why: isOther ? "version" : "time", current: seenAs(before) });
            marks[isOther ? "mismatched" : "untimely"] += 1;
          } else if (value === null) {
            expect(changed.version).toBe(0);
            if (model.delete(key)) marks.deleted += 1;
          } else {
            expect(given).not.toContainEqual({ key, version: changed.version });
            given.push({ key, version: changed.version });
            const deadlineMs = await deadlineAfter(key, before, deadline);
            model.set(key, { version: changed.version, value, deadlineMs, owner });
            marks[before === undefined ? "created" : "replaced"] += 1;
          }
        }
        break;
      }
      case "due": {
        const due = [...model].filter(([, { deadlineMs }]) => deadlineMs !== null && deadlineMs <= startMs);
        const found = await store.due(act.limit);
        expect(found).toHaveLength(Math.min(act.limit, due.length));
        for (const shard of new Set(due.map(([key]) => shardOf(key)))) {
          const times = due
            .filter(([key]) => shardOf(key) === shard)
            .map(([, { deadlineMs }]) => deadlineMs ?? 0)
            .sort((a, b) => a - b);
          const foundTimes = found
            .filter((key) => shardOf(key) === shard)
            .map((key) => model.get(key)?.deadlineMs);
          expect(foundTimes).toEqual(times.slice(0, foundTimes.length));
        }
        if (found.length > 0) marks.due += 1;
        if (found.length < due.length) marks.cut += 1;
        break;
      }
      case "owned": {
        const mine = [...model].filter(([, { owner }]) => owner === act.owner).map(([key]) => key);
        const found = (await pages(store, act.owner, act.limit)).flat();
        expect(found.sort()).toEqual(mine.sort());
        if (mine.length > 0) marks.owned += 1;
        break;
      }
    }
  }
}
