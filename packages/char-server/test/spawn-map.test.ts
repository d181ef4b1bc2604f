import { AccountId, accepted, type CharDoor, Fence, LoginId, refused } from "@sallyport/domain";
import { type Client, silentLog } from "@sallyport/server-kit";
import { ManualClock } from "@sallyport/testkit";
import { expect, test } from "vitest";
import { heardLog } from "../../server-kit/test/heard-log.ts";
import { Attendance } from "../src/attendance.ts";
import { type ClientVisitDeps, visitCharServer } from "../src/client-visit.ts";
import { SpawnMap } from "../src/spawn-map.ts";

function watched(...maps: string[]) {
  const clock = new ManualClock();
  const { log, lines } = heardLog();
  const known = new Set(maps);
  const spawnMap = new SpawnMap({ map: "atlantis", known: () => known, clock, log });
  clock.every(1_000, () => spawnMap.look());
  return { spawnMap, known, clock, lines };
}

test("a map that no map-server has is missing once all have had their time, and WORLD_SPAWN is named once", async () => {
  const { spawnMap, clock, lines } = watched("harbour", "forest");
  await clock.advance(9_000);
  expect([spawnMap.isMissing, lines]).toEqual([false, []]);
  await clock.advance(60_000);
  expect(spawnMap.isMissing).toBe(true);
  expect(lines).toMatchObject([
    {
      level: 50,
      msg: "no map-server has the map where new characters begin; set WORLD_SPAWN",
      map: "atlantis",
      maps: ["forest", "harbour"],
    },
  ]);
});

test("a map that its map-server announces a little later is not missing", async () => {
  const { spawnMap, known, clock, lines } = watched("harbour");
  await clock.advance(9_000);
  known.add("atlantis");
  await clock.advance(60_000);
  expect([spawnMap.isMissing, lines]).toEqual([false, []]);
});

test("a missing map is there as soon as a map-server has it", async () => {
  const { spawnMap, known, clock } = watched("harbour");
  await clock.advance(20_000);
  known.add("atlantis");
  expect(spawnMap.isMissing).toBe(false);
});

test("while no map-server was ever linked nothing is known of any map", async () => {
  const { spawnMap, clock, lines } = watched();
  await clock.advance(60_000);
  expect([spawnMap.isMissing, lines]).toEqual([false, []]);
});

test("nobody makes a character that would begin on a missing map", async () => {
  const made: string[] = [];
  const ticket = {
    accountId: AccountId(1),
    loginId1: LoginId(2),
    loginId2: LoginId(3),
    sex: "female",
  } as const;
  const client = {
    isConnected: true,
    log: silentLog(),
    follow() {},
    send() {},
    disconnect() {},
  } as unknown as Client<CharDoor>;
  const spawnMap = { isMissing: true };
  const visit = visitCharServer(client, {
    login: {
      hold: async () => accepted({ accountFence: Fence(1), trace: "t" }),
      heldIds: () => ticket.loginId1,
    },
    locks: { openAfter: async () => ({ ok: true }) },
    characters: {
      list: async () => [],
      create: async ({ name }: { readonly name: string }) => {
        made.push(name);
        return refused("name-taken");
      },
    },
    attendance: new Attendance(),
    world: "Alpha",
    slotCount: 9,
    spawn: { map: "atlantis", x: 1, y: 1 },
    spawnMap,
    self: { server: "alpha", incarnation: "a" },
  } as unknown as ClientVisitDeps);
  await visit.handlers["char.enter"]({ type: "char.enter", ...ticket });
  const create = () => visit.handlers["char.create"]({ type: "char.create", slot: 0, name: "Ada" });
  expect(await create()).toMatchObject({ refusal: "map-unavailable", retryAfterMs: 10_000 });
  expect(made).toEqual([]);
  spawnMap.isMissing = false;
  expect(await create()).toMatchObject({ refusal: "name-taken" });
});
