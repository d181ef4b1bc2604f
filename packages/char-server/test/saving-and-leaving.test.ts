import { accepted, refused, Unavailable } from "@sallyport/domain";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CharServerScene } from "./char-server-scene.ts";
import type { Expected } from "./hand-made-map-server.ts";

/* These tests check the answers to a map-server that saves, admits clients and releases locks. */

let scene: CharServerScene;
let character: Expected;
beforeEach(async () => {
  scene = await CharServerScene.start();
  character = await scene.plays();
});
afterEach(() => {
  expect(scene.bugs).toEqual([]);
});

const goldStored = (): unknown => scene.stores.stateOf(scene.charId)?.attributes["gold"];

describe("a client that enters", () => {
  test("is admitted once, and not at all if its map-server has lost the lock", async () => {
    await scene.now(scene.map.leave(character));
    expect(await scene.now(scene.map.enter(character))).toEqual(refused("lock-lost"));
    expect(await scene.lock()).toEqual({ state: "free" });
  });
});

describe("a save", () => {
  test("is acknowledged once it is stored", async () => {
    expect(await scene.now(scene.map.save(character, 1, 7))).toEqual(accepted({}));
    expect(goldStored()).toBe(7);
  });

  test("is refused if the map-server's fence is out of date", async () => {
    await scene.now(scene.map.leave(character));
    await scene.plays(2);
    expect(await scene.now(scene.map.save(character, 1, 7))).toEqual(refused("lock-lost"));
    expect(goldStored()).toBeUndefined();
  });

  test("is not acknowledged if the database does not answer", async () => {
    scene.around.saveMany = async () => {
      throw new Unavailable("no database");
    };
    expect(await scene.now(scene.map.save(character, 1, 7))).toMatchObject(refused("unavailable"));
  });
});

describe("the last save", () => {
  test("is stored before the lock becomes free, and answered afterwards", async () => {
    const order: unknown[] = [];
    const { saveMany } = scene.stores.characters;
    scene.around.saveMany = async (saves) => {
      order.push((await scene.lock()).state);
      const refusals = await saveMany(saves);
      order.push((await scene.lock()).state, goldStored());
      return refusals;
    };
    expect(await scene.now(scene.map.leave(character, 7))).toEqual(accepted({ isReleased: true }));
    expect(order).toEqual(["playing", "playing", 7]);
    expect(await scene.lock()).toEqual({ state: "free" });
  });

  test("is not reported as stored if the database does not answer", async () => {
    scene.around.saveMany = async () => {
      throw new Unavailable("no database");
    };
    expect(await scene.now(scene.map.leave(character, 7))).toMatchObject(refused("unavailable"));
    expect(await scene.lock()).toMatchObject({ state: "playing" });
  });
});

test("a player that may not return to character select leaves the world", async () => {
  const client = scene.client();
  await scene.now(client.enter(await scene.ticket(2)));
  expect(await scene.lock()).toMatchObject({ state: "evicting" });
  expect(await scene.now(scene.map.leave(character, 7, "char-select"))).toEqual(
    accepted({ isReleased: true }),
  );
  expect([await scene.lock(), goldStored()]).toEqual([{ state: "free" }, 7]);
});

describe("a score", () => {
  const taken = async () => {
    const scores = await scene.stores.scoreOutbox.take({ max: 10, leaseMs: 0 });
    return scores.map(({ key, charId, score }) => ({ key, charId, score }));
  };

  test("is acknowledged once it is in the outbox, and counts once if it is sent again", async () => {
    expect(await scene.now(scene.map.submit(character, "one"))).toEqual(accepted({}));
    expect(await scene.now(scene.map.submit(character, "one"))).toEqual(accepted({}));
    const { charId } = scene;
    expect(await taken()).toEqual([
      { key: "one", charId, score: { board: "Shells", score: 7, comment: "" } },
    ]);
  });

  test("is refused if the map-server's fence is out of date", async () => {
    await scene.now(scene.map.leave(character));
    await scene.plays(2);
    expect(await scene.now(scene.map.submit(character, "late"))).toEqual(refused("lock-lost"));
    expect(await taken()).toEqual([]);
  });

  test("is not acknowledged if the database does not answer", async () => {
    scene.around.submitScore = async () => {
      throw new Unavailable("no database");
    };
    expect(await scene.now(scene.map.submit(character, "one"))).toMatchObject(refused("unavailable"));
  });

  test.each(["1e999", "null", "{", '"7"'])("of %s closes the link, and nothing is stored", async (score) => {
    const { link } = scene.map;
    await scene.now(scene.map.submit(character, "one", score));
    expect(link.isOpen).toBe(false);
    expect(await taken()).toEqual([]);
  });
});
