import { accepted, firstActorId, refused, refusedWith } from "@sallyport/domain";
import { defineGame, defineMessages } from "@sallyport/game-core";
import { parseTextMap } from "@sallyport/map-files";
import { packValue } from "@sallyport/wire";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { anyValue } from "./any-value.ts";
import { type HandMadeClient, HandMadeWorld, stepMs } from "./hand-made.ts";

interface Purse {
  readonly gold: number;
  readonly steps: number;
}
const isPurse = (value: unknown): value is Purse => {
  const { gold } = (value ?? {}) as Partial<Purse>;
  return gold !== undefined && Number.isInteger(gold) && gold >= 0;
};

const harbour = defineGame({
  name: "harbour",
  messages: defineMessages({
    commands: { pay: anyValue(isPurse, "gold is no whole number") },
    events: { paid: anyValue(isPurse, "gold is no whole number") },
  }),
  commands: {
    pay(it, { gold }) {
      if (gold > it.character.gold) it.refuse("too poor");
      it.set({ gold: it.character.gold - gold });
      it.sendAll("paid", { gold, steps: 0 });
    },
  },
  character: {
    schema: anyValue(isPurse, "gold is no whole number"),
    initial: { gold: 7, steps: 0 },
    own: ["gold"],
    shown: ["steps"],
    migrations: { 0: (old: object) => ({ steps: 0, ...old }) },
  },
  world: {
    visitors: {
      schema: anyValue((_: unknown): _ is { count: number } => true, ""),
      initial: { count: 0 },
      changes: { came: { input: null, apply: ({ count }) => ({ count: count + 1 }) } },
    },
  },
  items: { rope: { id: 1_065, name: "Rope" } },
  opened(it) {
    it.spawn("mara", { x: 12, y: 3 });
    it.spawn("shell", { x: 10, y: 4 });
    it.spawn("dock", { x: 10, y: 2 });
  },
  entered(it) {
    it.changeWorld("visitors", "came");
  },
  left(it) {
    it.set({ gold: it.character.gold + 1 });
    it.submitScore("Richest", it.character.gold);
  },
  stepped(it, cell) {
    it.set({ steps: it.character.steps + 1 });
    if (cell.x === 20) it.warp({ map: "moor", x: 5, y: 5 });
    if (cell.x === 30) throw new Error("a hole in the ground");
  },
  said(it, text) {
    if (text === "I am rich") it.set({ gold: it.character.gold + 100 });
  },
  bought(it, { price }) {
    if (price > it.character.gold) it.refuse("too-dear");
    it.set({ gold: it.character.gold - price });
  },
  timers: {
    back: {
      data: null,
      run(it) {
        it.walk(firstActorId + 1, { x: 12, y: 3 });
      },
    },
  },
  actors: {
    mara: {
      kind: "npc",
      name: "Mara",
      class: 112,
      dialogue: {
        start: { says: "Hello.", choices: { Work: "work", Bye: null } },
        work(it) {
          it.set({ gold: it.character.gold + 10 });
          return { says: "Thank you." };
        },
      },
      clicked(it) {
        it.say("Yes?");
        it.walk(it.actor.id, { x: 14, y: 3 });
        it.after(5_000, "back");
      },
    },
    shell: {
      kind: "item",
      name: "Shell",
      class: 900,
      taken(it) {
        it.set({ gold: it.character.gold + 1 });
      },
    },
    dock: { kind: "npc", name: "Dock", shop: [{ item: "rope", price: 5 }] },
  },
});

const mara = firstActorId + 1;
const shell = firstActorId + 2;
const dock = firstActorId + 3;

let world: HandMadeWorld;
beforeEach(() => {
  world = new HandMadeWorld({ played: { game: harbour }, hosted: ["meadow"] });
});
afterEach(() => {
  expect(world.bugs).toEqual([]);
});

const at = (x: number, map = "meadow"): Promise<HandMadeClient> =>
  world.plays(world.character(), { map, x, y: 3 });
const savedAs = (nth = 0) => world.link.all("leave")[nth]?.saved?.attributes;

test("its actors are on each map, and players see them", async () => {
  const client = await at(10);
  const shown = client
    .take("actor.appeared")
    .map(({ charId, kind, name, x, y }) => [charId, kind, name, x, y]);
  expect(shown.sort(([a], [b]) => Number(a) - Number(b))).toEqual([
    [mara, "npc", "Mara", 12, 3],
    [shell, "item", "Shell", 10, 4],
    [dock, "npc", "Dock", 10, 2],
  ]);
});

test("it computes the attributes that are saved, and their migrations", async () => {
  const client = await at(10);
  await client.walk(13, 3);
  await world.clock.advance(5 * stepMs);
  await client.leave();
  expect(savedAs()).toEqual({ $version: 1, gold: 8, steps: 3 });
  expect(world.worldChanges).toEqual([["visitors", "came", null]]);
});

test("it submits a score for a player who leaves", async () => {
  const client = await at(10);
  expect(world.scores).toEqual([]);
  await client.leave();
  expect(world.scores).toEqual([{ charId: 101, score: { board: "Richest", score: 8, comment: "" } }]);
});

test("what a player says reaches it", async () => {
  const client = await at(10);
  expect(await client.say("I am rich")).toEqual(accepted({}));
  expect(await client.say("I am content")).toEqual(accepted({}));
  await client.leave();
  expect(savedAs()).toMatchObject({ gold: 108 });
});

test("a step that is due when the player leaves still counts", async () => {
  const client = await at(10);
  // What is said at 0 and at 60 ms is shown in rounds at 50 and at 110 ms, so the next one is at 160 ms.
  await client.say("Soon.");
  await world.clock.advance(40);
  await client.walk(13, 3);
  await world.clock.advance(20);
  await client.say("On my way.");
  // The step is due at 140 ms.
  await world.clock.advance(90);
  await client.leave();
  expect(world.link.all("leave")[0]?.saved).toMatchObject({ position: { x: 11 }, attributes: { steps: 1 } });
});

test("a click lets an actor act for all who see it, and begins a dialogue for the client", async () => {
  const [client, watcher] = [await at(10), await at(9)];
  watcher.take();
  client.take();
  expect(await client.click(mara)).toEqual(accepted({}));
  await world.clock.advance(2 * stepMs);
  expect(client.take("dialogue.said", "dialogue.asked")).toEqual([
    { type: "dialogue.said", actor: mara, text: "Hello." },
    { type: "dialogue.asked", actor: mara, choices: ["Work", "Bye"] },
  ]);
  const seen = watcher.take("actor.said", "actor.walks", "dialogue.said").map(({ type }) => type);
  expect(seen).toEqual(["actor.said", "actor.walks"]);
  expect(await client.answer(mara, { type: "choice", index: 0 })).toEqual(accepted({}));
  expect(client.take("dialogue.said", "dialogue.ended").map(({ type }) => type)).toEqual([
    "dialogue.said",
    "dialogue.ended",
  ]);
  expect(await client.answer(mara, { type: "next" })).toEqual(refused("no-dialogue"));
  await client.leave();
  expect(savedAs()).toMatchObject({ gold: 18 });
});

test("its timers run, also while no player does anything", async () => {
  const client = await at(10);
  await client.click(mara);
  await world.clock.advance(4_900);
  expect(world.runnerOf("meadow").cellOf(mara)).toEqual({ x: 14, y: 3 });
  await world.clock.advance(100 + 2 * stepMs);
  expect(world.runnerOf("meadow").cellOf(mara)).toEqual({ x: 12, y: 3 });
});

test("an item is taken once, and a purchase costs its price", async () => {
  const [client, far] = [await at(10), await at(30)];
  expect([await far.pickUp(shell), await client.pickUp(shell), await client.pickUp(shell)]).toEqual([
    refused("too-far"),
    accepted({}),
    refused("no-such-actor"),
  ]);
  expect(await client.buy(dock, 1_065)).toEqual(refused("no-shop"));
  await client.click(dock);
  expect(client.take("shop.offered")).toEqual([
    { type: "shop.offered", actor: dock, goods: [{ item: 1_065, name: "Rope", price: 5 }] },
  ]);
  expect(await client.buy(dock, 1_065)).toEqual(accepted({}));
  await client.click(dock);
  expect(await client.buy(dock, 1_065)).toEqual(refused("too-dear"));
  await client.leave();
  expect(savedAs()).toMatchObject({ gold: 4 });
});

test("it warps a player to a map of another server, and saves all that it did before", async () => {
  const client = await at(18);
  await client.walk(22, 3);
  await world.clock.advance(5 * stepMs);
  expect(world.link.all("hop")[0]?.saved).toEqual({
    position: { map: "moor", x: 5, y: 5 },
    attributes: { $version: 1, gold: 8, steps: 2 },
  });
  expect(client.take("map.hop")).toHaveLength(1);
});

test("it warps to a cell, also on a map of another server whose positions are in units", async () => {
  const drawn = "name: moor\nspawn: 1,1\nsize: 40x8\nmovement: reported unitsPerCell=100 greatestSpeed=9";
  const worldMaps = new Map([["moor", parseTextMap(drawn, "moor.map")]]);
  world = new HandMadeWorld({ played: { game: harbour }, hosted: ["meadow"], worldMaps });
  const client = await at(18);
  await client.walk(20, 3);
  await world.clock.advance(5 * stepMs);
  expect(world.link.all("hop")[0]?.saved?.position).toEqual({ map: "moor", x: 550, y: 550 });
});

test("a player whose hop fails plays on in the game", async () => {
  world.link.held.add("hop");
  const client = await at(18);
  await client.walk(20, 3);
  await world.clock.advance(5 * stepMs);
  expect(await client.click(mara)).toEqual(refused("unavailable", 500));
  world.link.answer("hop", refused("map-unavailable"));
  await world.clock.advance(0);
  await client.walk(17, 3);
  await world.clock.advance(5 * stepMs);
  await client.leave();
  expect(savedAs()).toMatchObject({ steps: 5 });
});

test("its commands change the character, and its events go to clients", async () => {
  const [client, watcher] = [await at(10), await at(9)];
  const body = { gold: 5, steps: 0 };
  expect(client.take("character.changed")).toEqual([
    { type: "character.changed", changes: packValue({ gold: 7, steps: 0 }) },
  ]);
  watcher.take();
  expect(await client.command("pay", body)).toEqual(accepted({}));
  expect(client.take("character.changed", "game.event")).toEqual([
    { type: "character.changed", changes: packValue({ gold: 2 }) },
    { type: "game.event", name: "paid", body: packValue(body) },
  ]);
  expect(watcher.take("game.event")).toHaveLength(1);
  expect(await client.command("pay", body)).toEqual(refusedWith("refused", "too poor"));
  expect(await client.command("pay", { gold: -1 })).toMatchObject({
    refusal: "invalid",
    detail: expect.stringContaining("gold") as string,
  });
  expect(await client.command("steal", {})).toEqual(refused("unknown-command"));
});

test("a client that sends too many commands is told when it is heard again", async () => {
  const client = await at(10);
  const answers = [];
  for (let nth = 0; nth < 30; nth += 1) answers.push(await client.command("steal", {}));
  expect(answers.filter((answer) => !answer.ok && answer.refusal === "unknown-command")).toHaveLength(20);
  expect(answers.at(-1)).toEqual(refused("too-many", 50));
  await world.clock.advance(50);
  expect(await client.command("steal", {})).toEqual(refused("unknown-command"));
});

test("a player is heard no more often because it goes from map to map", async () => {
  world = new HandMadeWorld({ played: { game: harbour }, hosted: ["meadow", "moor"] });
  const client = await at(18);
  for (let nth = 0; nth < 20; nth += 1) await client.command("steal", {});
  await client.walk(20, 3);
  await world.clock.advance(4 * stepMs);
  expect(client.take("map.changed")).toHaveLength(1);
  const answers = [];
  for (let nth = 0; nth < 20; nth += 1) answers.push(await client.command("steal", {}));
  expect(answers.filter((answer) => !answer.ok && answer.refusal === "unknown-command")).toHaveLength(8);
});

test("others are shown what the game shows of a character, and its changes", async () => {
  const watcher = await at(9);
  const walker = await at(10);
  const shown = (steps: number) => packValue({ steps });
  expect(watcher.take("actor.appeared").find(({ charId }) => charId === 102)).toMatchObject({
    shown: shown(0),
  });
  await walker.walk(11, 3);
  await world.clock.advance(2 * stepMs);
  expect(watcher.take("actor.changed")).toMatchObject([{ charId: 102, shown: shown(1) }]);
  expect((await at(11)).take("actor.appeared").find(({ charId }) => charId === 102)).toMatchObject({
    shown: shown(1),
  });
});

describe("a character that does not fit the game", () => {
  test("is not taken, so nothing of it is overwritten", () => {
    const attributes = JSON.stringify({ gold: "much" });
    expect(world.population.expect({ ...world.character(), attributes })).toEqual(
      refusedWith("state-invalid", expect.stringContaining("gold is no whole number") as string),
    );
    expect(world.population.count).toBe(0);
  });

  test("leaves when the game is reloaded, and is stored as it was", async () => {
    const client = await at(10);
    const strict = defineGame({
      name: "strict",
      character: {
        schema: anyValue(
          (value: unknown): value is Purse => (value as Partial<Purse> | undefined)?.gold === 0,
          "gold is not 0",
        ),
        initial: { gold: 0, steps: 0 },
      },
    });
    world.population.reload(strict);
    await world.clock.advance(0);
    expect(client.isConnected).toBe(false);
    expect(savedAs()).toMatchObject({ gold: 7 });
  });
});

test("a reloaded game places its actors anew, and keeps the players", async () => {
  const client = await at(10);
  client.take();
  world.population.reload(harbour);
  expect(client.take("actor.vanished", "actor.appeared").map(({ type }) => type)).toEqual([
    ...new Array<string>(3).fill("actor.vanished"),
    ...new Array<string>(3).fill("actor.appeared"),
  ]);
  await client.walk(11, 3);
  await world.clock.advance(2 * stepMs);
  await client.leave();
  expect(savedAs()).toMatchObject({ steps: 1, gold: 8 });
});

test("a handler that fails costs its one command, and the client is told so", async () => {
  const fails = (): never => {
    throw new Error("a bug");
  };
  const broken = defineGame({
    name: "broken",
    items: { rope: { id: 1_065, name: "Rope" } },
    actors: {
      crab: { kind: "monster", name: "Crab", clicked: fails },
      mara: { kind: "npc", name: "Mara", dialogue: { start: { says: "Go on", then: "next" }, next: fails } },
      shell: { kind: "item", name: "Shell", taken: fails },
      dock: { kind: "npc", name: "Dock", shop: [{ item: "rope", price: 5 }] },
    },
    bought: fails,
    opened(it) {
      for (const name of ["crab", "mara", "shell", "dock"] as const) it.spawn(name, { x: 10, y: 4 });
    },
  });
  world = new HandMadeWorld({ played: { game: broken }, hosted: ["meadow"] });
  const client = await at(10);
  const [crab = 0, talker = 0, item = 0, shop = 0] = [1, 2, 3, 4].map((nth) => firstActorId + nth);
  expect(await client.click(crab)).toEqual(refused("failed"));
  expect(await client.click(talker)).toEqual(accepted({}));
  expect(await client.answer(talker, { type: "next" })).toEqual(refused("failed"));
  expect(await client.pickUp(item)).toEqual(refused("failed"));
  expect(await client.click(shop)).toEqual(accepted({}));
  expect(await client.buy(shop, 1_065)).toEqual(refused("failed"));
});
