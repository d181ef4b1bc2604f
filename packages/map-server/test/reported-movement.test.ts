import { accepted, refused } from "@sallyport/domain";
import { parseTextMap } from "@sallyport/map-files";
import { GridMap, roundMs } from "@sallyport/map-world";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type HandMadeClient, HandMadeWorld, stepMs } from "./hand-made.ts";

function mapOf(name: string, ...header: string[]): GridMap {
  return parseTextMap(
    [`name: ${name}`, "spawn: 1,1", ...header, "", ...new Array<string>(20).fill(".".repeat(40))].join("\n"),
    `${name}.map`,
  );
}
const moor = mapOf("moor");
const yard = mapOf(
  "yard",
  "movement: reported unitsPerCell=100 greatestSpeed=1000",
  "warp: 30,5 -> moor:3,3",
);
const hall = mapOf("hall", "room: yes", "movement: reported unitsPerCell=100 greatestSpeed=1000");

let world: HandMadeWorld;
beforeEach(() => {
  const maps = new Map([yard, moor, hall].map((map) => [map.name, map]));
  world = new HandMadeWorld({ maps, hosted: [...maps.keys()] });
});
afterEach(() => {
  expect(world.bugs).toEqual([]);
});

const at = (x: number, y: number, map = "yard"): Promise<HandMadeClient> =>
  world.plays(world.character(), { map, x, y });
const second = () => world.clock.advance(1_000);

describe("on a map on which clients report", () => {
  test("a client is told so as it enters, and where it is in units", async () => {
    const character = { ...world.character(), position: { map: "yard", x: 1_234, y: 567 } };
    world.population.expect(character);
    expect(await world.client().enter(character)).toMatchObject({
      value: {
        position: { map: "yard", x: 1_234, y: 567 },
        movement: { unitsPerCell: 100, greatestSpeed: 1_000 },
        isRoom: false,
      },
    });
  });

  test("its reports move the character, and others are shown the newest position in each round", async () => {
    const [mover, watcher] = [await at(1_000, 500), await at(1_050, 500)];
    await second();
    watcher.take();
    mover.take();
    for (const x of [1_005, 1_010]) expect(await mover.report(x, 500)).toEqual(accepted({}));
    await world.clock.advance(0);
    for (const x of [1_015, 1_020]) expect(await mover.report(x, 500)).toEqual(accepted({}));
    await world.clock.advance(roundMs);
    const shown = watcher.take("actor.moved").map(({ charId, x, y }) => [charId, x, y]);
    expect(shown.at(-1)).toEqual([101, 1_020, 500]);
    expect(shown).toHaveLength(2);
    expect(mover.events).toEqual([]);
  });

  test.each([
    ["too-fast", 3_000, 500],
    ["outside", 4_000, 500],
  ] as const)("a report is refused as %s, and moves nobody", async (refusal, x, y) => {
    const [mover, watcher] = [await at(1_000, 500), await at(1_050, 500)];
    await world.clock.advance(500);
    watcher.take();
    expect(await mover.report(x, y)).toEqual(refused(refusal));
    await second();
    expect(watcher.events).toEqual([]);
    await mover.leave();
    expect(world.link.all("leave")[0]?.saved?.position).toBeUndefined();
  });

  test("a client that reports too often is told when it is heard again", async () => {
    const mover = await at(1_000, 500);
    const answers = [];
    for (let nth = 0; nth < 40; nth += 1) answers.push(await mover.report(1_000, 500));
    expect(answers[0]).toEqual(accepted({}));
    expect(answers.at(-1)).toEqual(refused("too-many", expect.any(Number) as number));
    await second();
    expect(await mover.report(1_000, 500)).toEqual(accepted({}));
  });

  test("the newest reported position is saved, even if no round has shown it", async () => {
    const mover = await at(1_000, 500);
    await second();
    await mover.report(1_100, 510);
    await mover.leave();
    expect(world.link.all("leave")[0]?.saved?.position).toEqual({ map: "yard", x: 1_100, y: 510 });
  });

  test("a client that can report is not walked, and any other client is", async () => {
    const [native, other] = [await at(1_000, 500), await at(1_050, 500)];
    Object.assign(other, { dialect: { ...other.dialect, reportsPositions: false } });
    expect(await native.walk(1_200, 500)).toEqual(refused("no-path"));
    expect(await other.walk(1_250, 500)).toEqual(accepted({ steps: 2 }));
    await world.clock.advance(2 * stepMs + roundMs);
    const steps = native.take("actor.moved").map(({ charId, x }) => [charId, x]);
    expect(steps).toEqual([
      [102, 1_150],
      [102, 1_250],
    ]);
  });

  test("a report from a warp takes the character to the other map, in its units", async () => {
    const mover = await at(2_950, 550);
    await second();
    await mover.report(3_050, 550);
    await world.clock.advance(roundMs);
    expect(mover.take("map.changed")).toMatchObject([
      { position: { map: "moor", x: 3, y: 3 }, movement: null },
    ]);
    expect(await mover.report(3_060, 550)).toEqual(refused("not-reported"));
  });

  test("all timers end when all characters stand", async () => {
    const idle = world.clock.timerCount;
    const mover = await at(1_000, 500);
    await at(1_050, 500);
    await second();
    await mover.report(1_010, 500);
    await second();
    expect(world.clock.timerCount).toBe(idle);
  });
});

test("a report on a map on which the server walks characters is refused", async () => {
  const client = await at(5, 5, "moor");
  expect(await client.report(6, 5)).toEqual(refused("not-reported"));
});

test("in a room everybody sees and hears everybody", async () => {
  const [near, far] = [await at(100, 100, "hall"), await at(3_900, 1_900, "hall")];
  await far.say("hello");
  await second();
  expect(near.take("actor.appeared", "actor.said").map(({ type, charId }) => [type, charId])).toEqual([
    ["actor.appeared", 102],
    ["actor.said", 102],
  ]);
  expect(far.take("actor.appeared").map(({ charId }) => charId)).toEqual([101]);
});
