import { describe, expect, test } from "vitest";
import type { Checker } from "../src/checks/check.ts";
import { everyQuestionIsAnswered, playersAreWhereTheyLeft } from "../src/checks/clients.ts";
import { type Aftermath, judge } from "../src/checks/judge.ts";
import {
  acknowledgedSavesAreThere,
  countersNeverGoBack,
  fencesRiseByOne,
  oneOwnerAFence,
  onlyOwnersSave,
} from "../src/checks/saved-states.ts";
import { acknowledgedScoresAreEntries, onlyOwnersScore } from "../src/checks/scores.ts";
import type { AuditRow, Call, Fact, SaveAsked, ScoreAsked, State } from "../src/history/fact.ts";
import { History } from "../src/history/history.ts";
import { homeMsMax } from "../src/timing.ts";

/* Each checker is shown a history in which its rule was kept, and one in which it was not. */

const charId = 150_000;
const state = (steps: number): State => ({ steps, map: "north", x: 3, y: 4 });
const asked = (change: Partial<SaveAsked> = {}): SaveAsked => ({
  ...{
    type: "save-asked",
    atMs: 1_000,
    mapServer: "map-1",
    kind: "save",
    id: "1",
    charId,
    fence: 4,
    saveNumber: 7,
    state: state(5),
  },
  ...change,
});
const stored = (change: Partial<SaveAsked> = {}): Fact => {
  const save = asked(change);
  return { type: "save-answered", atMs: save.atMs + 20, id: save.id, refusal: null, asked: save };
};
const row = (change: Partial<AuditRow> = {}): AuditRow => ({
  ...{ seq: 1, atMs: 1_010, charId, fenceBefore: 4, fence: 4, before: state(0), state: state(5) },
  ...{ saveNumberBefore: 6, saveNumber: 7 },
  ...change,
});
const call = (change: Partial<Call>): Call => ({
  ...{
    type: "call",
    atMs: 1_000,
    askedMs: 900,
    account: "a",
    way: "gateway",
    protocol: "native",
    charId,
    call: "walk",
    answer: "ok",
    detail: "",
    parts: 1,
  },
  ...change,
});
const stood = (when: "left" | "listed" | "unknown", place: string): Fact => {
  return { type: "stood", atMs: 1, account: "a", when, place };
};
const fault = (atMs: number, change: "begins" | "ends"): Fact => ({
  ...{ type: "fault", of: { kind: "redis" }, what: "x" },
  ...{ atMs, change },
});

const scoreAsked = (change: Partial<ScoreAsked> = {}): ScoreAsked => ({
  ...{ type: "score-asked", atMs: 1_000, mapServer: "map-1", key: "k", charId, fence: 4, score: "8" },
  ...change,
});
const scoreStored: Fact = { type: "score-answered", atMs: 1_020, refusal: null, asked: scoreAsked() };
const ofOwner = { key: "k", charId, fence: 4, mapServer: "map-1" };
const entry = { key: "k", score: 8 };

function seen(check: Checker, { facts, ...read }: Case) {
  const history = Object.assign(new History(), read);
  for (const fact of facts) history.saw(fact);
  const { saw, violations } = check(history);
  return { saw, found: violations.map(({ what }) => what) };
}

interface Case extends Partial<Pick<History, "audit" | "scores" | "entries">> {
  readonly facts: readonly Fact[];
}
const cases: readonly (readonly [string, Checker, Case, Case])[] = [
  [
    "two map-servers under one fence",
    oneOwnerAFence,
    { facts: [stored(), stored({ mapServer: "map-2", fence: 5 })] },
    { facts: [stored(), { type: "entered", atMs: 1, mapServer: "map-2", charId, fence: 4 }] },
  ],
  [
    "a save that landed and was asked under an older fence",
    onlyOwnersSave,
    { facts: [asked()], audit: [row()] },
    { facts: [asked({ fence: 3 })], audit: [row()] },
  ],
  [
    "a save that was never requested in this form",
    onlyOwnersSave,
    { facts: [asked({ kind: "hop" })], audit: [row({ fence: 5, saveNumber: 0 })] },
    { facts: [asked({ state: state(6) })], audit: [row()] },
  ],
  [
    "a save that landed after a newer one of its owner",
    onlyOwnersSave,
    { facts: [asked()], audit: [row()] },
    { facts: [asked({ saveNumber: 5 })], audit: [row({ saveNumber: 5 })] },
  ],
  [
    "a save that took the place, and not the number, of a newer one",
    onlyOwnersSave,
    { facts: [asked()], audit: [row()] },
    { facts: [asked({ saveNumber: 5 })], audit: [row({ saveNumberBefore: 7 })] },
  ],
  [
    "a character passed on with a state older than its save",
    onlyOwnersSave,
    { facts: [asked({ kind: "hop" })], audit: [row({ fence: 5, saveNumber: 0 })] },
    { facts: [asked({ kind: "hop" })], audit: [row({ fence: 5, saveNumber: 0, saveNumberBefore: 8 })] },
  ],
  [
    "an acknowledged save that is not there",
    acknowledgedSavesAreThere,
    { facts: [stored()], audit: [row()] },
    { facts: [stored()], audit: [row({ state: state(4) })] },
  ],
  [
    "an acknowledged save in whose place none as new is there",
    acknowledgedSavesAreThere,
    { facts: [stored()], audit: [row({ saveNumber: 9, state: state(6) })] },
    { facts: [stored()], audit: [row({ saveNumber: 6 })] },
  ],
  [
    "an acknowledged save in whose place one with less is there",
    acknowledgedSavesAreThere,
    { facts: [stored()], audit: [row({ saveNumber: 9 })] },
    { facts: [stored()], audit: [row({ saveNumber: 9, state: state(4) })] },
  ],
  [
    "an acknowledged save in whose place another owner's is there",
    acknowledgedSavesAreThere,
    { facts: [stored({ kind: "hop" })], audit: [row({ fence: 5, saveNumber: 0 })] },
    { facts: [stored()], audit: [row({ fenceBefore: 5, fence: 5, saveNumber: 9, state: state(6) })] },
  ],
  [
    "an acknowledged save that came only later",
    acknowledgedSavesAreThere,
    { facts: [stored()], audit: [row()] },
    { facts: [stored()], audit: [row({ atMs: 2_000 })] },
  ],
  [
    "a counter that went back",
    countersNeverGoBack,
    { facts: [], audit: [row()] },
    { facts: [], audit: [row(), row({ before: state(5), state: state(4) })] },
  ],
  [
    "a fence that fell",
    fencesRiseByOne,
    { facts: [], audit: [row({ fence: 5 })] },
    { facts: [], audit: [row({ fence: 5 }), row({ fence: 3 })] },
  ],
  [
    "an acknowledged score that is no entry",
    acknowledgedScoresAreEntries,
    { facts: [scoreStored], entries: [entry] },
    { facts: [scoreStored] },
  ],
  [
    "an acknowledged score that is two entries",
    acknowledgedScoresAreEntries,
    { facts: [scoreStored, scoreStored], entries: [entry, { key: "other", score: 8 }] },
    { facts: [scoreStored], entries: [entry, entry] },
  ],
  [
    "an acknowledged score that is an entry with another number",
    acknowledgedScoresAreEntries,
    { facts: [scoreStored], entries: [entry] },
    { facts: [scoreStored], entries: [{ ...entry, score: 16 }] },
  ],
  [
    "an entry of an older owner",
    onlyOwnersScore,
    { facts: [scoreAsked()], scores: [ofOwner], entries: [entry] },
    { facts: [scoreAsked({ fence: 3 })], scores: [ofOwner], entries: [entry] },
  ],
  [
    "an entry of a map-server that did not have the character",
    onlyOwnersScore,
    { facts: [scoreAsked()], scores: [ofOwner], entries: [entry] },
    { facts: [scoreAsked({ mapServer: "map-2" })], scores: [ofOwner], entries: [entry] },
  ],
  [
    "an entry for which nobody asked",
    onlyOwnersScore,
    { facts: [scoreAsked()], scores: [ofOwner], entries: [entry] },
    { facts: [], scores: [ofOwner], entries: [entry] },
  ],
  [
    "a player that left and was moved",
    playersAreWhereTheyLeft,
    { facts: [stood("left", "north 1,1"), stood("listed", "north 1,1")] },
    { facts: [stood("left", "north 1,1"), stood("listed", "north 1,2")] },
  ],
  [
    "an answer that came too late",
    everyQuestionIsAnswered,
    { facts: [call({ atMs: 31_000 }), fault(5_000, "begins"), fault(20_000, "ends")] },
    { facts: [call({ atMs: 31_000 }), fault(5_000, "begins"), fault(6_000, "ends")] },
  ],
  [
    "an answer to several requests in one that came too late",
    everyQuestionIsAnswered,
    { facts: [call({ atMs: 31_000, parts: 2 })] },
    { facts: [call({ atMs: 41_000, parts: 2 })] },
  ],
  [
    "an answer that never came",
    everyQuestionIsAnswered,
    { facts: [call({ answer: "disconnected" })] },
    { facts: [call({ answer: "unanswered" })] },
  ],
];

test.each(cases)("%s is reported, and correct behaviour is not", (_, check, right, wrong) => {
  const ofRight = seen(check, right);
  expect(ofRight.found).toEqual([]);
  expect(ofRight.saw).toBeGreaterThan(0);
  expect(seen(check, wrong).found).toHaveLength(1);
});

test("a player that entered the world in between may be anywhere", () => {
  const facts = [stood("left", "north 1,1"), stood("unknown", ""), stood("listed", "south 1,1")];
  expect(seen(playersAreWhereTheyLeft, { facts }).found).toEqual([]);
});

describe("the final check", () => {
  const well = { ends: [], leaks: [], lines: 100, strayKeys: [], residentBytesMax: 100, clientsLeft: 0 };
  const server = { name: "char", ...well };
  const home = { account: "a", way: "gateway", afterMs: homeMsMax, refusals: [] };
  const found = (change: Partial<Aftermath>): string[] =>
    judge(new History(), {
      ...{ homecomings: [home], servers: [server], players: 1, locksLeft: [] },
      ...change,
    }).violations.map(({ what }) => what);

  test("finds nothing if every player came home and every server lived", () => {
    expect(found({})).toEqual([]);
  });

  test.each<[Partial<Aftermath>, RegExp]>([
    [{ homecomings: [home, { ...home, afterMs: homeMsMax + 1 }] }, /came after/],
    [
      { homecomings: [{ ...home, afterMs: null, refusals: ["no-world"] }] },
      /came never; refused meanwhile: no-world/,
    ],
    [{ locksLeft: ["world:alpha character:7"] }, /character:7 is held by nobody/],
    [{ servers: [{ ...server, ends: ["char ended with 1"] }] }, /ended with 1/],
    [{ servers: [{ ...server, leaks: ["pass"] }] }, /logged a secret/],
    [{ servers: [{ ...server, residentBytesMax: 2 ** 30 }] }, /took 1024 MiB/],
    [{ servers: [{ ...server, clientsLeft: 2 }] }, /keeps 2 connections/],
    [{ servers: [{ ...server, strayKeys: ["to is not a key"] }] }, /char: to is not a key/],
  ])("%# reports a player that did not come home, or a server that did not live", (change, what) => {
    expect(found(change)).toEqual([expect.stringMatching(what)]);
  });
});
