import { expect, test } from "vitest";
import {
  acknowledgedWritesAreThere,
  endedTokensWriteNothing,
  hasEnded,
  onlyEndedTokensAreRefused,
  refusedWritesAreNotThere,
} from "../src/checks/board-writes.ts";
import type { Checker } from "../src/checks/check.ts";
import type { Part } from "../src/cluster/part.ts";
import type { BoardWrite, Fact } from "../src/history/fact.ts";
import { History } from "../src/history/history.ts";

/* Each checker of authors is shown a history in which its rule was kept, and one in which it was not. */

const account = "a";
const entry = ["entry 1 of a", "comment with entry 1 of a"];
const write = (answer: string, change: Partial<BoardWrite> = {}): Fact => ({
  ...{ type: "board-write", askedMs: 10_000, atMs: 10_020, account, way: "resource over TCP", rows: entry },
  ...{ token: 1, answer },
  ...change,
});
const got = (atMs: number, token = 1): Fact => ({
  ...{ type: "board-token", askedMs: atMs - 10, atMs, account, token },
});
const banned = (askedMs: number, doneMs: number | null): Fact[] => {
  const of = { type: "order", id: "1", account, what: "ban", detail: "" } as const;
  const asked: Fact = { ...of, atMs: askedMs, change: "asked" };
  return doneMs === null ? [asked] : [asked, { ...of, atMs: doneMs, change: "done" }];
};
const newPassword = (askedMs: number, storedMs: number): Fact[] =>
  (["asked", "stored"] as const).map((change) => ({
    ...{ type: "password", account, by: "operator", password: "second", change },
    atMs: change === "asked" ? askedMs : storedMs,
  }));
const fault = (of: Part, fromMs: number, toMs: number): Fact[] => [
  { type: "fault", atMs: fromMs, of, what: "x", change: "begins" },
  { type: "fault", atMs: toMs, of, what: "x", change: "ends" },
];
const later = (answer: string, askedMs: number): Fact => write(answer, { askedMs, atMs: askedMs + 20 });
const forged = (answer: string): Fact => write(answer, { token: null });
const old = [got(1_000), ...banned(5_000, 6_000)];

interface Case {
  readonly facts: readonly Fact[];
  readonly written?: readonly string[];
}

function seen(check: Checker, { facts, written = [] }: Case) {
  const history = Object.assign(new History(), { written });
  for (const fact of facts) history.saw(fact);
  const { saw, violations } = check(history);
  return { saw, found: violations.map(({ what }) => what) };
}

const cases: readonly (readonly [string, Checker, Case, Case])[] = [
  [
    "an acknowledged write that is not there",
    acknowledgedWritesAreThere,
    { facts: [write("ok")], written: entry },
    { facts: [write("ok")] },
  ],
  [
    "an acknowledged write of which a part is not there",
    acknowledgedWritesAreThere,
    { facts: [write("ok")], written: entry },
    { facts: [write("ok")], written: entry.slice(0, 1) },
  ],
  [
    "an acknowledged write that is there twice",
    acknowledgedWritesAreThere,
    { facts: [write("ok")], written: entry },
    { facts: [write("ok")], written: [...entry, ...entry] },
  ],
  [
    "a refused write that is there",
    refusedWritesAreNotThere,
    { facts: [write("token"), write("list-old")] },
    { facts: [write("token")], written: entry },
  ],
  [
    "a write without an answer that is there twice",
    refusedWritesAreNotThere,
    { facts: [write("disconnected")], written: entry },
    { facts: [write("disconnected")], written: [...entry, ...entry] },
  ],
  [
    "a write without an answer of which a part is there",
    refusedWritesAreNotThere,
    { facts: [write("unanswered")] },
    { facts: [write("unanswered")], written: entry.slice(1) },
  ],
  [
    "a write of nobody",
    refusedWritesAreNotThere,
    { facts: [write("unavailable")], written: entry },
    { facts: [write("unavailable")], written: [...entry, "entry 2 of a"] },
  ],
  [
    "a write a minute after the token was ended by a ban",
    endedTokensWriteNothing,
    { facts: [...old, later("ok", 65_900), later("token", 66_100)] },
    { facts: [...old, later("ok", 66_100)] },
  ],
  [
    "a write a minute after the token was ended by a new password",
    endedTokensWriteNothing,
    { facts: [got(1_000), ...newPassword(5_000, 6_000), later("token", 20_000)] },
    { facts: [got(1_000), ...newPassword(5_000, 6_000), later("ok", 66_100)] },
  ],
  [
    "a write later than the faults on the way of the list allow",
    endedTokensWriteNothing,
    {
      facts: [
        ...old,
        ...fault({ kind: "server", name: "login-1" }, 20_000, 25_000),
        later("ok", 80_000),
        later("token", 99_000),
      ],
    },
    { facts: [...old, ...fault({ kind: "server", name: "map-1" }, 20_000, 25_000), later("ok", 80_000)] },
  ],
  [
    "a write two minutes after the end, whatever is broken",
    endedTokensWriteNothing,
    {
      facts: [
        ...old,
        ...fault({ kind: "postgres" }, 6_000, 190_000),
        later("ok", 125_900),
        later("token", 127_000),
      ],
    },
    { facts: [...old, ...fault({ kind: "postgres" }, 6_000, 190_000), later("ok", 126_100)] },
  ],
  [
    "a good token that is refused",
    onlyEndedTokensAreRefused,
    { facts: [...old, forged("token"), later("token", 8_000)] },
    { facts: [got(1_000), ...banned(9_000, 9_100), forged("token"), later("token", 8_000)] },
  ],
  [
    "a token of nobody that is taken",
    onlyEndedTokensAreRefused,
    { facts: [got(1_000), write("ok"), forged("token")], written: entry },
    { facts: [got(1_000), write("ok"), forged("ok")], written: entry },
  ],
];

test.each(cases)("%s is reported, and correct behaviour is not", (_, check, right, wrong) => {
  const ofRight = seen(check, right);
  expect(ofRight.found).toEqual([]);
  expect(ofRight.saw).toBeGreaterThan(0);
  expect(seen(check, wrong).found).toHaveLength(1);
});

test("a token that came before a ban has ended when the ban is carried out, and one that came later has not", () => {
  const history = new History();
  for (const fact of banned(5_000, null)) history.saw(fact);
  expect(hasEnded(history, account, 1_000)).toBe(false);
  for (const fact of banned(5_000, 6_000)) history.saw(fact);
  expect(hasEnded(history, account, 1_000)).toBe(true);
  expect(hasEnded(history, account, 5_500)).toBe(false);
});
