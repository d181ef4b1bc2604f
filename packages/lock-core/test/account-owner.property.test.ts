import fc from "fast-check";
import { expect, test } from "vitest";
import { accountOwnerTable, go } from "../src/index.ts";
import { AccountWorld, type Answer } from "./account-owner-world.ts";
import { declaredBy, noting } from "./noted-moves.ts";
import { withFault } from "./random-program.ts";

type Act = keyof AccountWorld["acts"];

/** An act with a higher weight is drawn more often. Acts that lead to distant states need more weight. */
const weights: { readonly [A in Act]: number } = {
  grant: 6,
  come: 8,
  answer: 24,
  gone: 3,
  choose: 8,
  choice: 3,
  fail: 2,
  returnToSelect: 2,
  leaveMap: 3,
  kick: 5,
  takeAway: 3,
  look: 3,
  renew: 4,
  expireSelect: 1,
  loseLink: 2,
  comeBack: 2,
  giveUp: 1,
  loseLocks: 2,
  putBack: 2,
  restore: 1,
  restart: 1,
  late: 6,
};

const act = fc.oneof(
  ...Object.entries(weights).map(([name, weight]) => ({ weight, arbitrary: fc.constant(name as Act) })),
);
const answer = fc.constantFrom<Answer>(
  "yes",
  "yes",
  "yes",
  "yes",
  "lost after it was done",
  "lost before it was done",
);
const program = fc.array(fc.record({ act, pick: fc.nat(600), answer }), { maxLength: 40, size: "max" });

/**
 * Each program begins with nothing, with a client at character select, or with a character that was handed
 * over.
 */
const chosen: readonly Act[] = ["grant", "come", "answer", "answer"];
const beginnings = fc.constantFrom<readonly Act[]>([], chosen, [...chosen, "choose", "answer"]);

/** Runs random programs. The same seed gives the same programs. Returns the moves that occurred. */
function run(table: typeof accountOwnerTable, seed: number): ReadonlySet<string> {
  const seen = new Set<string>();
  const noted = noting(table, seen);
  fc.assert(
    fc.property(beginnings, program, (begin, steps) => {
      const world = new AccountWorld(noted);
      for (const act of begin) world.acts[act](2, "yes");
      for (const { act, pick, answer } of steps) world.acts[act](pick, answer);
      world.end();
    }),
    { numRuns: 15_000, includeErrorInReport: true, seed },
  );
  return seen;
}

/** Tests the table with the same programs in each run, so that bad luck cannot hide a fault. */
function holdsForKnown(table: typeof accountOwnerTable): void {
  const seen = run(table, 17);
  expect(declaredBy(table).filter((move) => !seen.has(move))).toEqual([]);
}

test("under any events, an account has one owner here at most, and each lock that was taken is given back", () => {
  holdsForKnown(accountOwnerTable);
  run(accountOwnerTable, Math.floor(Math.random() * 2 ** 31));
});

const { asking, releasing } = accountOwnerTable;
const { held } = asking;
const absent = { state: "absent" } as const;

test.each([
  [
    "a hold without an answer is forgotten",
    "the account lock of",
    withFault(accountOwnerTable, "asking", "hold-unanswered", {
      to: ["absent"],
      step: (_owner, { visit }) => go(absent, { type: "refuse", visit, refusal: "unavailable" }),
    }),
  ],
  [
    "an account is kept for a client that left before it was granted",
    "still here",
    withFault(
      accountOwnerTable,
      "asking",
      "held",
      typeof held === "string"
        ? "late"
        : {
            to: [...held.to, "on-map"],
            step: (owner, event, at) =>
              owner.isThere
                ? held.step(owner, event, at)
                : go({ state: "on-map", visit: null, account: event.account }),
          },
    ),
  ],
  [
    "a refused request ends a doubt about the account",
    "the account lock of",
    withFault(accountOwnerTable, "asking", "not-held", {
      to: ["absent"],
      step: (_owner, { visit }) => go(absent, { type: "refuse", visit, refusal: "not-logged-in" }),
    }),
  ],
  [
    "a client that is refused is not answered",
    "never answered",
    withFault(accountOwnerTable, "entering", "open-unanswered", {
      to: ["unknown"],
      step: ({ account }) => go({ state: "unknown", account }, { type: "look" }),
    }),
  ],
  [
    "a client that is refused the character lock keeps the account",
    "still here",
    withFault(accountOwnerTable, "entering", "not-opened", {
      to: ["on-map"],
      step: ({ account }, { visit }) =>
        go({ state: "on-map", visit: null, account }, { type: "refuse", visit, refusal: "already-online" }),
    }),
  ],
  [
    "an older login keeps the account that a newer one got",
    "two owners",
    withFault(accountOwnerTable, "choosing", "lost", "nothing-held"),
  ],
  [
    "an account stays though its character lock is free",
    "still here",
    withFault(accountOwnerTable, "on-map", "freed", "nothing-held"),
  ],
  [
    "a doubt about an account in play is ignored",
    "still here",
    withFault(accountOwnerTable, "on-map", "doubted", "nothing-held"),
  ],
  [
    "an account in doubt counts as settled whosever the character is",
    "still here",
    withFault(accountOwnerTable, "unknown", "seen", {
      to: ["on-map", "unknown"],
      step: (owner) =>
        go(owner.account === null ? owner : { state: "on-map", visit: null, account: owner.account }),
    }),
  ],
  [
    "a release without an answer counts as done",
    "the account lock of",
    withFault(accountOwnerTable, "releasing", "unreleased", { to: ["absent"], step: () => go(absent) }),
  ],
  [
    "a move leads where the table does not say",
    "undeclared: asking × not-held",
    withFault(
      accountOwnerTable,
      "asking",
      "not-held",
      typeof asking["not-held"] === "string" ? "late" : { ...asking["not-held"], to: [] },
    ),
  ],
  [
    "a table declares a move that never happens",
    "releasing × released → unknown",
    withFault(
      accountOwnerTable,
      "releasing",
      "released",
      typeof releasing.released === "string" ? "late" : { ...releasing.released, to: ["absent", "unknown"] },
    ),
  ],
])("it would be seen if %s", (_fault, words, table) => {
  expect(() => holdsForKnown(table)).toThrow(words);
});
