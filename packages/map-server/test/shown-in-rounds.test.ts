import { refused } from "@sallyport/domain";
import { roundMs } from "@sallyport/map-world";
import { settled } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { unreadBytesMax } from "../src/onlookers.ts";
import { type HandMadeClient, HandMadeWorld, stepMs } from "./hand-made.ts";

let world: HandMadeWorld;
beforeEach(() => {
  world = new HandMadeWorld();
});
afterEach(() => {
  expect(world.bugs).toEqual([]);
});

/** Stands in for the game. */
const showAs = (charId: number, shown: number): void => {
  const player = world.population.players.find((each) => each.charId === charId);
  if (player !== undefined) world.population.mapOf(player)?.showAs(player, Uint8Array.of(shown));
};

const at = (x: number): Promise<HandMadeClient> => world.plays(world.character(), { x, y: 3 });

test("all that a player is shown in one round leaves in one write", async () => {
  const watcher = await at(10);
  await world.clock.advance(10 * roundMs);
  const before = watcher.flushes;
  const others = [await at(10), await at(11), await at(12)];
  for (const other of others) await other.walk(13, 3);
  await world.clock.advance(roundMs - 1);
  expect(watcher.flushes).toBe(before);
  await world.clock.advance(1);
  expect(watcher.take("actor.appeared", "actor.walks")).toHaveLength(6);
  expect(watcher.flushes).toBe(before + 1);
});

test("steps that end soon after each other do not lead to more rounds", async () => {
  const [first, second] = [await at(10), await at(11)];
  await first.walk(11, 3);
  await world.clock.advance(roundMs / 2);
  await second.walk(12, 3);
  const before = first.flushes;
  first.take();
  const ms = stepMs + roundMs;
  await world.clock.advance(ms);
  expect(first.take("actor.moved").map(({ charId }) => charId)).toEqual([101, 102]);
  expect(first.flushes - before).toBeLessThanOrEqual(ms / roundMs);
});

test("a map on which nothing changes runs no timer", async () => {
  const idle = world.clock.timerCount;
  const client = await at(10);
  await at(11);
  await client.walk(13, 3);
  await world.clock.advance(10 * stepMs);
  const { flushes } = client;
  expect(world.clock.timerCount).toBe(idle);
  await world.clock.advance(100 * stepMs);
  expect(client.flushes).toBe(flushes);
});

test("a player alone is written nothing but its own steps", async () => {
  const client = await at(10);
  await world.clock.advance(10 * roundMs);
  expect(client.flushes).toBe(0);
});

test("all who come into view of an actor that stands are shown the same object", async () => {
  const stands = await at(10);
  const [first, second] = [await at(11), await at(12)];
  const [appeared] = first.take("actor.appeared");
  expect(second.take("actor.appeared")).toContain(appeared);
  await stands.walk(11, 3);
  await world.clock.advance(2 * stepMs);
  const third = await at(12);
  expect(third.take("actor.appeared")).not.toContain(appeared);
});

test("all who see an actor get the same object when the game shows it differently, but not itself", async () => {
  const [changes, first, second, far] = [await at(10), await at(11), await at(12), await at(30)];
  for (const each of [changes, first, second, far]) each.take();
  showAs(101, 7);
  const [told, ...more] = first.take("actor.changed");
  expect(told).toEqual({ type: "actor.changed", accountId: 1, charId: 101, shown: Uint8Array.of(7) });
  expect([second.take("actor.changed")[0] === told, more]).toEqual([true, []]);
  expect([...changes.take("actor.changed"), ...far.take("actor.changed")]).toEqual([]);
  const third = await at(9);
  expect(third.take("actor.appeared").find(({ charId }) => charId === 101)?.shown).toEqual(Uint8Array.of(7));
});

test("a client that has loaded the map is shown all others in view, and its own walk", async () => {
  const [looker, other, far] = [await at(10), await at(11), await at(30)];
  await looker.walk(13, 3);
  await world.clock.advance(stepMs);
  looker.take();
  far.take();
  await looker.look();
  expect(looker.take("actor.appeared", "actor.walks")).toMatchObject([
    { type: "actor.appeared", charId: 102, x: 11, y: 3 },
    { type: "actor.walks", charId: 101, x: 11, y: 3, walked: 1 },
  ]);
  expect([...other.take("actor.appeared"), ...far.take("actor.appeared")]).toHaveLength(1);
});

test("a client that has loaded the map is told of an actor only after it was shown it, also if a step is due", async () => {
  const [looker, walker] = [await at(10), await at(15)];
  await world.clock.advance(10 * roundMs);
  await looker.say("a round comes, and the map rests");
  await world.clock.advance(roundMs / 2);
  await walker.walk(18, 3);
  await world.clock.advance(roundMs * 0.7);
  await looker.say("a round comes just before the step, and the map rests");
  // The step out of view is due, and waits for the next round.
  await world.clock.advance(roundMs * 1.6);
  looker.take();
  await looker.look();
  await world.clock.advance(roundMs);
  const told = looker.take("actor.appeared", "actor.moved", "actor.vanished");
  expect(told.map(({ type, charId }) => [type, charId])).toEqual([
    ["actor.appeared", 102],
    ["actor.vanished", 102],
  ]);
});

describe("until the client of a new player has the answer that it has entered,", () => {
  const entering = async () => {
    const watcher = await at(10);
    await world.clock.advance(10 * roundMs);
    watcher.take();
    const character = world.character();
    world.population.expect(character);
    const client = world.client();
    expect(await client.showIds(character)).toMatchObject({ ok: true });
    return { watcher, character, client };
  };

  test("a neighbour that goes out of view is told nothing of the player", async () => {
    const { watcher, character, client } = await entering();
    await watcher.walk(18, 3);
    await world.clock.advance(20 * stepMs);
    client.isTold(character);
    expect(watcher.take("actor.appeared", "actor.vanished", "actor.moved")).not.toContainEqual(
      expect.objectContaining({ charId: character.charId }),
    );
    expect(client.take()).toEqual([]);
  });

  test("a neighbour that comes into view is told nothing, and then is shown the player once", async () => {
    const { watcher, character, client } = await entering();
    for (const x of [18, 10]) {
      await watcher.walk(x, 3);
      await world.clock.advance(20 * stepMs);
    }
    client.isTold(character);
    await world.clock.advance(roundMs);
    const told = watcher.take("actor.appeared", "actor.vanished").map(({ type, charId }) => [type, charId]);
    expect(told).toEqual([["actor.appeared", character.charId]]);
    expect(client.take("actor.appeared", "actor.vanished", "actor.moved")).toHaveLength(1);
  });

  // A client of Ragnarok loads the map first, and asks once for all who are there.
  test.each(["before", "after"] as const)(
    "a hop may begin; when it is refused, a client that loaded the map %s is shown the neighbours once",
    async (when) => {
      world.link.held.add("hop");
      const { watcher, character, client } = await entering();
      client.dialect = { ...client.dialect, loadsMaps: true };
      const player = world.population.players.find(({ charId }) => charId === character.charId);
      if (player === undefined) throw new Error("the player is not here");
      void world.population.goOn(player);
      client.isTold(character);
      if (when === "before") expect(await client.look()).toMatchObject({ ok: true });
      expect([client.take("actor.appeared"), watcher.take("actor.appeared")]).toEqual([[], []]);
      world.link.answer("hop", refused("map-unavailable"));
      await settled();
      if (when === "after") await client.look();
      expect(client.take("actor.appeared")).toMatchObject([{ charId: 101 }]);
      expect(watcher.take("actor.appeared")).toMatchObject([{ charId: character.charId }]);
    },
  );

  test("the end of its connection is no event for the neighbours", async () => {
    const { watcher, client } = await entering();
    client.disconnect();
    await world.clock.advance(10 * roundMs);
    expect([world.population.count, watcher.events]).toEqual([1, []]);
  });
});

test("a player may ask for the names of those in view, and no others", async () => {
  const [looker] = [await at(10), await at(11), await at(30)];
  const nameOf = async (account: number) => {
    const answer = await looker.nameOf(account);
    return answer.ok ? answer.value.name : answer;
  };
  expect([await nameOf(2), await nameOf(3), await nameOf(99)]).toEqual(["player_2", null, null]);
});

describe("a client that does not read what waits for it", () => {
  let watcher: HandMadeClient;
  let walker: HandMadeClient;
  const round = () => world.clock.advance(roundMs);
  const fallBehind = async (): Promise<void> => {
    await world.clock.advance(10 * roundMs);
    watcher.unreadBytes = unreadBytesMax + 1;
    // The server still sends these words to the watcher. After that, the watcher is behind.
    await walker.say("hello");
    await round();
    watcher.take();
  };
  const catchUp = async (): Promise<void> => {
    watcher.unreadBytes = 0;
    await round();
  };
  beforeEach(async () => {
    watcher = await at(10);
    walker = await at(11);
    await fallBehind();
  });

  test("is shown nothing more of the others until it has read", async () => {
    await walker.walk(14, 3);
    await at(12);
    await world.clock.advance(4 * stepMs);
    expect(watcher.events).toEqual([]);
  });

  test("is then shown where each actor is, and not how it came there", async () => {
    for (const x of [14, 9, 13]) {
      await walker.walk(x, 3);
      await world.clock.advance(6 * stepMs);
    }
    await catchUp();
    expect(watcher.take("actor.moved", "actor.walks")).toMatchObject([
      { type: "actor.moved", charId: 102, x: 13, y: 3 },
      { type: "actor.walks", charId: 102, x: 13, y: 3, path: [] },
    ]);
  });

  test("is then shown who came and who went, and nobody who only passed by", async () => {
    const passerBy = await at(12);
    await at(13);
    await passerBy.leave();
    await walker.leave();
    await catchUp();
    const shown = watcher.take("actor.appeared", "actor.vanished", "actor.moved");
    expect(shown).toMatchObject([
      { type: "actor.appeared", charId: 104 },
      { type: "actor.vanished", charId: 102 },
    ]);
    await at(12);
    await round();
    expect(watcher.take("actor.appeared")).toHaveLength(1);
  });

  test("gets the newest lines of chat, and not all of them", async () => {
    for (let nth = 1; nth <= 50; nth += 1) await walker.say(`line ${nth}`);
    await catchUp();
    const texts = watcher.take("actor.said").map(({ text }) => text);
    expect(texts).toHaveLength(32);
    expect(texts.at(-1)).toBe("line 50");
  });

  test("is then shown what the game shows last of each actor, also of one that came back", async () => {
    const [changes, comesBack, same] = [walker, await at(12), await at(13)];
    await catchUp();
    await fallBehind();
    showAs(102, 1);
    showAs(102, 2);
    await comesBack.walk(25, 3);
    await world.clock.advance(14 * stepMs);
    showAs(103, 3);
    await comesBack.walk(12, 3);
    await same.walk(12, 3);
    await world.clock.advance(14 * stepMs);
    expect(watcher.events).toEqual([]);
    await catchUp();
    expect(watcher.take("actor.changed")).toMatchObject([
      { charId: 102, shown: Uint8Array.of(2) },
      { charId: 103, shown: Uint8Array.of(3) },
    ]);
    expect(changes.isConnected).toBe(true);
  });

  test("still gets what its own player does", async () => {
    await watcher.walk(11, 3);
    await watcher.say("hello");
    await world.clock.advance(2 * stepMs);
    expect(watcher.events.map(({ type }) => type)).toEqual(["actor.walks", "actor.said", "actor.moved"]);
  });

  test("is no longer waited for when it has left", async () => {
    const { timerCount } = world.clock;
    await watcher.leave();
    await world.clock.advance(2 * roundMs);
    expect(world.clock.timerCount).toBeLessThan(timerCount);
  });
});
