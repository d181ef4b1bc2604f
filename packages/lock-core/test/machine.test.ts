import { describe, expect, test } from "vitest";
import { decideBy, decideWithin, go, type LockTable, no, type StateTable } from "../src/index.ts";

type Door =
  | { readonly state: "open" }
  | { readonly state: "shut"; readonly bolts: number }
  | { readonly state: "ajar" };
type Command = { readonly type: "push" } | { readonly type: "bolt"; readonly bolts: number };
type Refusal = "bolted" | "open" | "too-late" | "too-early";
type Effect = { readonly type: "creak" };

const table: LockTable<Door, Command, Effect, Refusal> = {
  open: {
    push: { to: ["shut"], step: () => go({ state: "shut", bolts: 0 }, { type: "creak" }) },
    bolt: "open",
  },
  shut: {
    push: {
      to: ["open"],
      when: { is: "not-due", otherwise: "too-late" },
      step: (lock) => (lock.bolts === 0 ? go({ state: "open" }) : no("bolted")),
    },
    bolt: { to: ["shut"], step: (_lock, { bolts }) => go({ state: "shut", bolts }) },
  },
  ajar: {
    push: { to: ["ajar"], restarts: true, step: (lock) => go(lock) },
    bolt: { to: ["ajar"], step: (lock) => go(lock) },
  },
};
const durations = { open: null, shut: "shutMs", ajar: "ajarMs" } as const;
const decide = decideWithin(table, durations, { shutMs: 7, ajarMs: 9 });

test("a cell with a word refuses with that word", () => {
  expect(decide({ state: "open" }, { type: "bolt", bolts: 1 })).toEqual(no("open"));
});

test("a cell with a move decides with the lock and the command", () => {
  expect(decide({ state: "open" }, { type: "push" })).toMatchObject(
    go({ state: "shut", bolts: 0 }, { type: "creak" }),
  );
  expect(decide({ state: "shut", bolts: 1 }, { type: "push" })).toEqual(no("bolted"));
  expect(decide({ state: "shut", bolts: 0 }, { type: "bolt", bolts: 3 })).toMatchObject(
    go({ state: "shut", bolts: 3 }),
  );
});

describe("the deadline of a lock", () => {
  test("begins with its state, and ends with it", () => {
    expect(decide({ state: "open" }, { type: "push" })).toMatchObject({ deadline: { inMs: 7 } });
    expect(decide({ state: "shut", bolts: 0 }, { type: "push" })).toMatchObject({ deadline: "none" });
  });

  test("is kept by a move within the state, unless the move restarts it", () => {
    const bolted = decide({ state: "shut", bolts: 0 }, { type: "bolt", bolts: 3 });
    expect(bolted).toMatchObject({ deadline: "keep" });
    expect(decide({ state: "ajar" }, { type: "bolt", bolts: 3 })).toMatchObject({ deadline: "keep" });
    expect(decide({ state: "ajar" }, { type: "push" })).toMatchObject({ deadline: { inMs: 9 } });
  });

  test("is judged by the store, with the refusal of the cell", () => {
    const when = { is: "not-due", otherwise: "too-late" };
    expect(decide({ state: "shut", bolts: 0 }, { type: "push" })).toMatchObject({ when });
    expect(decide({ state: "open" }, { type: "push" })).toMatchObject({ when: undefined });
  });
});

test("a table may let its steps know more than the lock and the command", () => {
  const known: StateTable<Door, Command, Effect, Refusal, { readonly bolts: number }> = {
    open: {
      push: { to: ["shut"], step: (_lock, _command, { bolts }) => go({ state: "shut", bolts }) },
      bolt: "open",
    },
    shut: { push: "bolted", bolt: "bolted" },
    ajar: { push: "open", bolt: "open" },
  };
  expect(decideBy(known, { state: "open" }, { type: "push" }, { bolts: 4 })).toEqual(
    go({ state: "shut", bolts: 4 }),
  );
});

test("a table with a missing cell does not compile", () => {
  type Table = typeof table;
  const { open, shut, ajar } = table;
  const { bolt: _, ...pushOnly } = shut;
  // @ts-expect-error "shut" × "bolt" is missing
  const incomplete: Table = { open, ajar, shut: pushOnly };
  // @ts-expect-error "shut" is missing
  const withoutState: Table = { open, ajar };
  // @ts-expect-error the table has no refusal "locked"
  const unworded: Table = { shut, ajar, open: { ...open, bolt: "locked" } };
  // @ts-expect-error the table has no state "gone"
  const nowhere: Table = { shut, ajar, open: { ...open, push: { to: ["gone"], step: () => no("open") } } };
  expect([incomplete, withoutState, unworded, nowhere]).toHaveLength(4);
});
