import { describe, expect, test } from "vitest";
import {
  type Asker,
  type BoardStanding,
  has,
  type Level,
  levelOn,
  levels,
  mayChange,
  mayGrant,
  mayProve,
  maySee,
} from "../src/permissions.ts";

const asker: Asker = { userId: 1, identity: "ada", isAdministrator: false };
const administrator: Asker = { ...asker, isAdministrator: true };
const board = (defaultLevel: Level, grantedLevel: Level = 0): BoardStanding => ({
  defaultLevel,
  grantedLevel,
});
const entry = (level: Level, of: { own?: boolean; verified?: boolean } = {}) => ({
  authorId: of.own ? 1 : 2,
  isVerified: of.verified ?? false,
  board: board(level),
});
const all = Object.values(levels);

describe("the level on a leaderboard", () => {
  test("is the highest of what it gives everybody, what it grants the user, and the class of the user", () => {
    expect(levelOn(asker, board(1, 0))).toBe(levels.read);
    expect(levelOn(asker, board(1, 2))).toBe(levels.write);
    expect(levelOn(asker, board(2, 1))).toBe(levels.write);
    expect(levelOn(administrator, board(0, 0))).toBe(levels.moderate);
  });

  test("includes the levels before it", () => {
    for (const level of all)
      expect(all.filter((least) => has(least, asker, board(level)))).toEqual(all.slice(0, level + 1));
  });
});

describe.each([
  ["nobody", levels.none, false, false],
  ["a reader", levels.read, false, false],
  ["a writer", levels.write, true, false],
  ["a moderator", levels.moderate, true, true],
] as const)("%s", (_, level, ofOwn, ofOthers) => {
  test(`sees verified entries of others: ${level >= levels.read}`, () => {
    expect(maySee(asker, entry(level, { verified: true }))).toBe(level >= levels.read);
  });

  test(`sees unverified entries, own: ${ofOwn}, of others: ${ofOthers}`, () => {
    expect(maySee(asker, entry(level, { own: true }))).toBe(ofOwn);
    expect(maySee(asker, entry(level))).toBe(ofOthers);
  });

  test(`comments on and removes entries, own: ${ofOwn}, of others: ${ofOthers}`, () => {
    for (const verified of [true, false]) {
      expect(mayChange(asker, entry(level, { own: true, verified }))).toBe(ofOwn);
      expect(mayChange(asker, entry(level, { verified }))).toBe(ofOthers);
    }
  });

  test(`proves entries, own: ${ofOwn}, of others: never`, () => {
    expect(mayProve(asker, entry(level, { own: true }))).toBe(ofOwn);
    expect(mayProve(asker, entry(level))).toBe(false);
    expect(mayProve(administrator, entry(level))).toBe(false);
  });
});

describe("a grant", () => {
  const of = (own: Level, present: Level, isTargetAdministrator = false) => ({
    board: board(0, own),
    present,
    isTargetAdministrator,
  });

  test("of a moderator is of a level below its own, to a user below it", () => {
    for (const level of all)
      for (const present of all)
        expect(mayGrant(asker, level, of(3, present)), `${present} → ${level}`).toBe(
          level < 3 && present < 3,
        );
  });

  test("of a moderator never changes an administrator", () => {
    expect(mayGrant(asker, 0, of(3, 0, true))).toBe(false);
  });

  test("of anybody below a moderator is none", () => {
    for (const own of [0, 1, 2] as const) expect(mayGrant(asker, 0, of(own, 0))).toBe(false);
  });

  test("of an administrator is any", () => {
    for (const level of all) expect(mayGrant(administrator, level, of(0, 3, true))).toBe(true);
  });
});
