import { ManualClock } from "@sallyport/testkit";
import { expect, test } from "vitest";
import { heardLog } from "../../server-kit/test/heard-log.ts";
import { SpawnMap } from "../src/spawn-map.ts";

function watched(...maps: string[]) {
  const clock = new ManualClock();
  const { log, lines } = heardLog();
  const known = new Set(maps);
  const spawnMap = new SpawnMap({ clock, log }, { map: "atlantis", known: () => known });
  clock.every(1_000, () => spawnMap.look());
  return { spawnMap, known, clock, lines };
}

test("a map that no map-server has is missing at once, and the log names WORLD_SPAWN after all had time to link", async () => {
  const { spawnMap, clock, lines } = watched("harbour", "forest");
  await clock.advance(9_000);
  expect([spawnMap.isMissing, lines]).toEqual([true, []]);
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

test("a map that its map-server announces a little later is missing until then, and nothing is logged", async () => {
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

test("until a first map-server links, no map counts as missing", async () => {
  const { spawnMap, clock, lines } = watched();
  await clock.advance(60_000);
  expect([spawnMap.isMissing, lines]).toEqual([false, []]);
});
