import { expect, test } from "vitest";
import { decideBy, go, type LockTable, no } from "../src/index.ts";

type Door = { readonly state: "open" } | { readonly state: "shut"; readonly bolts: number };
type Command = { readonly type: "push" } | { readonly type: "bolt"; readonly bolts: number };
type Table = LockTable<Door, Command, { readonly type: "creak" }, "bolted" | "open", { readonly ms: number }>;

const table: Table = {
  open: {
    push: { to: ["shut"], step: () => go({ state: "shut", bolts: 0 }, { type: "creak" }) },
    bolt: "open",
  },
  shut: {
    push: { to: ["open"], step: (lock) => (lock.bolts === 0 ? go({ state: "open" }) : no("bolted")) },
    bolt: {
      to: ["shut"],
      step: (_lock, { bolts }, { nowMs, timing }) => go({ state: "shut", bolts: bolts * nowMs + timing.ms }),
    },
  },
};
const decide = (lock: Door, command: Command) =>
  decideBy(table, lock, command, { nowMs: 10, timing: { ms: 1 } });

test("a cell with a word refuses with that word", () => {
  expect(decide({ state: "open" }, { type: "bolt", bolts: 1 })).toEqual(no("open"));
});

test("a cell with a move decides with the lock, the command and the time", () => {
  expect(decide({ state: "open" }, { type: "push" })).toEqual(
    go({ state: "shut", bolts: 0 }, { type: "creak" }),
  );
  expect(decide({ state: "shut", bolts: 1 }, { type: "push" })).toEqual(no("bolted"));
  expect(decide({ state: "shut", bolts: 0 }, { type: "bolt", bolts: 3 })).toEqual(
    go({ state: "shut", bolts: 31 }),
  );
});

test("a table with a missing cell does not compile", () => {
  const { open, shut } = table;
  const { bolt: _, ...pushOnly } = shut;
  // @ts-expect-error "shut" × "bolt" is missing
  const incomplete: Table = { open, shut: pushOnly };
  // @ts-expect-error "shut" is missing
  const withoutState: Table = { open };
  // @ts-expect-error there is no such refusal
  const unworded: Table = { shut, open: { ...open, bolt: "ajar" } };
  // @ts-expect-error there is no such state to go to
  const nowhere: Table = { shut, open: { ...open, push: { to: ["ajar"], step: () => no("open") } } };
  expect([incomplete, withoutState, unworded, nowhere]).toHaveLength(4);
});
