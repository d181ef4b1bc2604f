import { characterNames } from "@sallyport/database";
import { Unavailable } from "@sallyport/domain";
import { ManualClock, settled, testHost } from "@sallyport/testkit";
import { expect, test } from "vitest";
import { knowNames } from "../src/known-names.ts";

function start(kind: "plain" | "unicode", answers: readonly ("unavailable" | "done")[]) {
  const clock = new ManualClock();
  const asked: string[] = [];
  let isOver = false;
  let isKnown = false;
  const characters = {
    fillSkeletons: async (world: string) => {
      if (answers[asked.push(world) - 1] === "unavailable") throw new Unavailable("the database");
    },
  };
  const known = knowNames(testHost({ clock }), {
    names: characterNames(kind),
    characters,
    world: "Alpha",
    isOver: () => isOver,
  }).then(() => {
    isKnown = true;
  });
  return {
    clock,
    asked,
    known,
    isKnown: () => isKnown,
    stop: () => {
      isOver = true;
    },
  };
}

test("a world of any alphabet opens once the database has the skeletons of its names", async () => {
  const world = start("unicode", ["unavailable", "unavailable", "done"]);
  for (const asked of [1, 2]) {
    await settled();
    expect(world.asked).toHaveLength(asked);
    expect(world.isKnown()).toBe(false);
    await world.clock.advance(1_000);
  }
  await world.known;
  expect(world.asked).toEqual(["Alpha", "Alpha", "Alpha"]);
});

test("a world of plain names asks the database for nothing", async () => {
  const world = start("plain", []);
  await world.known;
  expect(world.asked).toEqual([]);
});

test("a server that is stopped meanwhile does not wait for the database", async () => {
  const world = start("unicode", ["unavailable", "unavailable"]);
  await settled();
  world.stop();
  await world.clock.advance(1_000);
  await world.known;
  expect(world.asked).toHaveLength(1);
});
