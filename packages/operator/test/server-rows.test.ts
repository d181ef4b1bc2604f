import type { Presence } from "@sallyport/directory";
import { serverLockKey } from "@sallyport/lock-core";
import { describe, expect, test } from "vitest";
import type { LockRow } from "../src/answers.ts";
import { lockRow } from "../src/lock-rows.ts";
import { serverRows } from "../src/server-rows.ts";
import { locksText, serversText } from "../src/tables.ts";
import { accountLocks, characterLocks, deadlineBeside, secrets, storeNowMs, wallNowMs } from "./scene.ts";

const map = (over: Partial<Presence> = {}): Presence => ({
  kind: "map",
  name: "map-1",
  world: "Alpha",
  incarnation: "0011",
  machine: "host-1",
  pid: 17,
  sinceMs: wallNowMs - 7_200_000,
  state: "up",
  publicDoor: null,
  innerDoors: [],
  maps: ["harbour"],
  clients: 3,
  players: 2,
  capacity: 500,
  links: [{ kind: "char", name: "alpha", state: "up" }],
  ...over,
});

const lock = (world: string | null, server: string, over: object = {}): LockRow => {
  const value = {
    state: "connected",
    incarnation: "life",
    cookieHash: secrets[2],
    deadlineMs: storeNowMs + 6_000,
  };
  const read = {
    key: serverLockKey(server),
    value: JSON.stringify({ ...value, ...over }),
    deadlineMs: value.deadlineMs,
    world,
    nowMs: storeNowMs,
  };
  const row = lockRow(read, () => ({ state: "absent" }));
  if (row === null) throw new Error("no row");
  return row;
};
const everywhere = () => true;
const awayFor = (ms: number) => ({ state: "away", deadlineMs: storeNowMs + ms });

describe("a server", () => {
  const conditionOf = (presence: Presence, ...locks: readonly LockRow[]) =>
    serverRows([presence], locks, everywhere).map(({ condition, leftMs }) => [condition, leftMs]);

  test("is up while it has a presence and a server lock, and its links are up", () => {
    expect(conditionOf(map(), lock("Alpha", "map-1"))).toEqual([["up", null]]);
    expect(conditionOf(map({ kind: "login", name: "login-1", world: null, links: [] }))).toEqual([
      ["up", null],
    ]);
  });

  test("is suspect while one of its links is", () => {
    for (const state of ["suspect", "down"] as const) {
      const presence = map({ links: [{ kind: "char", name: "alpha", state }] });
      expect(conditionOf(presence, lock("Alpha", "map-1"))).toEqual([["suspect", null]]);
    }
  });

  test("is draining if its presence says so", () => {
    expect(conditionOf(map({ state: "draining" }), lock("Alpha", "map-1"))).toEqual([["draining", null]]);
  });

  test("is away if its server lock says so, whatever its presence says, with the time left", () => {
    expect(conditionOf(map(), lock("Alpha", "map-1", awayFor(9_000)))).toEqual([["away", 9_000]]);
    expect(serverRows([], [lock("Alpha", "map-1", awayFor(-5))], everywhere)).toMatchObject([
      { kind: "map", name: "map-1", world: "Alpha", condition: "away", leftMs: 0, presence: null },
    ]);
  });

  test("with a presence but no server lock is not linked", () => {
    expect(conditionOf(map())).toEqual([["unlinked", null]]);
    const [unknown] = serverRows([map()], [], (world) => world !== "Alpha");
    expect(unknown?.condition).toBe("up");
  });

  test("with a server lock but no presence is listed from its lock", () => {
    expect(serverRows([], [lock(null, "alpha"), lock("Alpha", "map-1")], everywhere)).toMatchObject([
      { kind: "char", name: "alpha", world: null, condition: "silent" },
      { kind: "map", name: "map-1", world: "Alpha", condition: "silent" },
    ]);
  });

  test("is not confused with a server of the same name in another world", () => {
    const rows = serverRows(
      [map(), map({ world: "Beta" })],
      [lock("Beta", "map-1", awayFor(1_000))],
      everywhere,
    );
    expect(rows.map(({ world, condition }) => [world, condition])).toEqual([
      ["Alpha", "unlinked"],
      ["Beta", "away"],
    ]);
  });
});

test("the table of servers has one line for each, and below it what cannot be seen", () => {
  const servers = serverRows(
    [
      map({
        links: [{ kind: "login", name: null, state: "down" }],
        maps: ["a", "b", "c", "d", "e", "f", "g", "h"],
      }),
    ],
    [lock("Alpha", "map-1"), lock("Alpha", "map-2", awayFor(9_000))],
    everywhere,
  );
  const lines = serversText({ servers, unseen: ["this and that"] }, wallNowMs).split("\n");
  const cells = lines.map((line) => line.split(/ {2,}/));
  expect(cells[1]).toEqual([
    "map",
    "map-1",
    "Alpha",
    "up, a link is not up",
    "2 of 500",
    "3",
    "a, b, c, d, e, f, and 2 more",
    "login (down)",
    "host-1:17",
    "2 h",
  ]);
  expect(cells[2]).toEqual([
    "map",
    "map-2",
    "Alpha",
    "away, 9 s left to come back",
    "-",
    "-",
    "-",
    "-",
    "-",
    "-",
  ]);
  expect(lines.slice(3)).toEqual(["", "Not seen: this and that", ""]);
});

test("the table of locks names owners that are away, and neither it nor its JSON has a secret", () => {
  const away = {
    state: "away",
    incarnation: "map-life",
    cookieHash: secrets[2],
    deadlineMs: storeNowMs + 9_000,
  } as const;
  const rows = [...Object.entries(accountLocks), ...Object.entries(characterLocks)].flatMap(([, value]) => {
    const kind = "accountFence" in value ? "character" : "account";
    const of = { key: `${kind}:7`, value: JSON.stringify(value), deadlineMs: deadlineBeside(value) };
    const read = { ...of, world: "Alpha", nowMs: storeNowMs };
    return lockRow(read, () => away) ?? [];
  });
  const all = [...rows, lock("Alpha", "map-1", { shownCookieHash: secrets[2], earlier: ["before"] })];
  const text = locksText({ locks: all, next: "here", unseen: [] });
  for (const secret of secrets) expect(text + JSON.stringify(all)).not.toContain(secret);
  expect(all).toHaveLength(11);
  expect(text).toMatch(/character +Alpha +account #7, character #150000 +playing +map-1 \(away, 9 s\)/);
  expect(text).toContain("There are more: --after here");
});

test("a key that is not of a lock is ignored", () => {
  expect(
    lockRow({ key: "ready", value: "{}", deadlineMs: null, world: null, nowMs: 0 }, () => ({
      state: "absent",
    })),
  ).toBeNull();
});
