import { packValue, unpackValue } from "@sallyport/wire";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineGame, defineMessages, type PlayerIt, type ShapeOf } from "../src/index.ts";
import { object, PlayedMap } from "./played-map.ts";

const messages = defineMessages({
  commands: { act: z.object({}), look: z.object({}) },
  events: { seen: z.object({ state: z.unknown() }), numbered: z.object({ n: z.number() }) },
});

type It = PlayerIt<ShapeOf<ReturnType<typeof gameOf>>> & { refuse(word: string): never };

/** A game whose command `act` is given, and whose command `look` sends all states. */
function gameOf(act: (it: PlayerIt<never>) => void) {
  return defineGame({
    name: "acts",
    messages,
    character: { schema: z.object({ gold: z.number().min(0) }), initial: { gold: 1 }, own: ["gold"] },
    map: { schema: z.object({ tide: z.number() }), initial: () => ({ tide: 1 }) },
    world: {
      seen: {
        schema: z.object({ n: z.number() }),
        initial: { n: 0 },
        changes: {
          add: { input: z.object({ by: z.number() }), apply: (state, { by }) => ({ n: state.n + by }) },
        },
      },
    },
    timers: { bell: { data: null, run: (it) => it.setMap({ tide: 9 }) } },
    actors: {
      crab: { kind: "monster", name: "Crab", state: { fed: 0 }, mind: { wanders: 1, everyMs: 500 } },
    },
    commands: {
      act: (it) => act(it as never),
      look(it) {
        const { character, map, player } = it;
        const actors = it.actors("crab").map(({ id, state }) => ({ id, fed: state.fed }));
        it.send("seen", { state: { character, map: map.state, actors, gold: player.name } });
      },
    },
  });
}

/** Runs `act` on a map with one player and one crab. */
function playing(act: (it: It) => void) {
  const game = gameOf(act as never);
  const map = new PlayedMap([object("crab", 5, 5)], game);
  const crab = map.idOf(map.open(), "Crab");
  const { charId } = map.enter(1, { x: 5, y: 5 }, {}, game);
  const run = (name: "act" | "look") => map.game.command(charId, name, packValue({}), map.at);
  const look = (): unknown => {
    const [seen] = run("look").effects;
    return seen?.type === "send" ? unpackValue(seen.body) : undefined;
  };
  return { map, crab, charId, look, act: () => run("act") };
}

/** Does something of every kind. */
function everything(it: It): void {
  it.set({ gold: it.character.gold + 1 });
  it.setMap({ tide: it.map.state.tide + 1 });
  it.spawn("crab", { x: 6, y: 6 });
  for (const { id } of it.actors("crab").slice(0, 1)) it.remove(id);
  it.after(10, "bell");
  it.changeWorld("seen", "add", { by: 1 });
  it.send("numbered", { n: 1 });
  it.warp({ map: "cave", x: 1, y: 1 });
  it.submitScore("Crabs", 7);
}

test("a handler that returns does all that it said, in its order", () => {
  const { act, look, map } = playing(everything);
  expect(act().effects.map(({ type }) => type)).toEqual([
    ...["set", "character.changed", "spawn", "despawn", "change-world", "send", "warp", "submit-score"],
  ]);
  expect(look()).toMatchObject({
    state: { character: { gold: 2 }, map: { tide: 2 }, actors: [{ id: 0x8000_0001 }] },
  });
  expect(map.game.nextDueMs()).toBe(10);
});

test("a handler reads what it has set", () => {
  const { act, look } = playing((it) => {
    it.set({ gold: 5 });
    it.set({ gold: it.character.gold + 1 });
    it.players[0]?.set({ gold: it.character.gold + 1 });
  });
  expect(act().effects.filter(({ type }) => type === "set")).toHaveLength(1);
  expect(look()).toMatchObject({ state: { character: { gold: 7 } } });
});

describe("a handler has no effect at all if it", () => {
  const gold = Number.NaN;
  test.each<readonly [string, (it: It) => unknown, string]>([
    ["throws", () => (undefined as never as () => void)(), "is not a function"],
    ["returns a promise", async () => {}, "the handler is asynchronous"],
    ["sets a state that does not fit", (it) => it.set({ gold: -1 }), "set: gold: "],
    ["sets what JSON cannot hold", (it) => it.set({ gold }), "set: the state.gold is NaN, which JSON"],
    [
      "sets a state of the map that does not fit",
      (it) => it.setMap({ tide: "high" as never }),
      "setMap: tide: ",
    ],
    [
      "sends a body that does not fit",
      (it) => it.send("numbered", { n: "1" as never }),
      'send: the body of "numb',
    ],
    [
      "sends what no message can hold",
      (it) => it.send("seen", { state: new Map() }),
      "state: is no plain object",
    ],
    ["sends an event that is not there", (it) => it.send("toString" as "seen", { state: 1 }), "has no event"],
    ["submits a score to no board", (it) => it.submitScore(" ", 1), "submitScore: the name of a board"],
    ["submits no number", (it) => it.submitScore("Crabs", Number.NaN), "submitScore: a score is a finite"],
    [
      "submits a comment of two lines",
      (it) => it.submitScore("Crabs", 1, "one\ntwo"),
      "submitScore: a comment is at most 255",
    ],
    ["warps to no place", (it) => it.warp({ map: "No Map", x: 1, y: 1 }), "warp: No Map:1,1 is no place"],
    [
      "spawns into a wall",
      (it) => it.spawn("crab", { x: 39, y: 1 }),
      "39,1 on harbour is no cell to stand on",
    ],
    [
      "spawns what is not there",
      (it) => it.spawn("toString" as "crab", { x: 1, y: 1 }),
      "has no actors.toString",
    ],
    [
      "moves an actor that is gone",
      (it) => it.walk(1, { x: 1, y: 1 }),
      "actor 1 is not on this map any more",
    ],
    ["starts a timer that is not there", (it) => it.after(1, "toString" as "bell"), "has no timers.toString"],
    ["starts a timer for no time", (it) => it.after(gold, "bell"), "NaN ms is not from 0 ms to 30 days"],
    [
      "passes an input that does not fit",
      (it) => it.changeWorld("seen", "add", { by: "1" as never }),
      "add: by: ",
    ],
    ["changes a state that it only read", (it) => Object.assign(it.map.state, { tide: 5 }), "Cannot assign"],
    [
      "changes a character that it only read",
      (it) => Object.assign(it.character, { gold: 5 }),
      "Cannot assign",
    ],
  ])("%s", (_, fails, message) => {
    const { act, look, map, charId } = playing((it) => {
      everything(it);
      return fails(it) as never;
    });
    const before = look();
    const dueMs = map.game.nextDueMs();
    const { answer, effects } = act();
    expect(answer).toEqual({ ok: false, refusal: "failed" });
    expect(effects).toMatchObject([{ type: "fault", handler: 'commands["act"]' }]);
    expect(String(effects[0]?.type === "fault" && effects[0].error)).toContain(message);
    expect(look()).toEqual(before);
    expect(map.game.nextDueMs()).toBe(dueMs);
    expect(charId).toBe(1);
  });

  test("refuses, even if it catches its own refusal", () => {
    const { act, look, map } = playing((it) => {
      everything(it);
      try {
        it.refuse("not-now");
      } catch {
        it.send("numbered", { n: 2 });
      }
    });
    const before = [look(), map.game.nextDueMs()];
    expect(act()).toEqual({ answer: { ok: false, refusal: "refused", word: "not-now" }, effects: [] });
    expect([look(), map.game.nextDueMs()]).toEqual(before);
  });
});

test("what a handler keeps of a state cannot change the state later", () => {
  const kept = { gold: 5 };
  const { act, look } = playing((it) => it.set(kept));
  act();
  kept.gold = 1_000;
  expect(look()).toMatchObject({ state: { character: { gold: 5 } } });
});

test("`it` does nothing after its handler has returned", () => {
  const kept: It[] = [];
  const { act, look } = playing((it) => void kept.push(it));
  act();
  const before = look();
  const [it] = kept;
  if (it === undefined) throw new Error("the handler did not run");
  for (const late of [
    () => it.set({ gold: 5 }),
    () => it.setMap({ tide: 5 }),
    () => it.spawn("crab", { x: 1, y: 1 }),
    () => it.remove(it.actors("crab")[0]?.id ?? 0),
    () => it.send("numbered", { n: 1 }),
    () => it.after(1, "bell"),
    () => it.random(),
    () => it.refuse("late"),
  ]) {
    expect(late).toThrow("`it` is only valid until its handler returns");
  }
  expect(look()).toEqual(before);
});

test("a failure of one handler leaves the others alone", () => {
  const game = defineGame({
    name: "half",
    messages,
    commands: { act: () => {}, look: () => {} },
    tick: {
      everyMs: 100,
      run: () => {
        throw new Error("a mistake");
      },
    },
    timers: { bell: { data: null, run: (it) => it.sendAll("numbered", { n: 1 }) } },
    opened: (it) => it.after(100, "bell"),
  });
  const map = new PlayedMap([], game);
  map.open();
  map.enter(1, { x: 1, y: 1 }, {}, game);
  expect(map.due(100)).toMatchObject([
    { type: "send", name: "numbered" },
    { type: "fault", handler: "tick.run" },
  ]);
  expect(map.due(200)).toMatchObject([{ type: "fault", handler: "tick.run" }]);
});

test("each call of the game's code is reported, also if it fails", () => {
  const told: string[] = [];
  const calls = {
    began: (handler: string, on: string | null) => told.push(`${handler} on ${on}`),
    ended: () => told.push("ended"),
  };
  const game = gameOf(() => {
    expect(told.at(-1)).toBe('commands["act"] on harbour');
    throw new Error("a bad day");
  });
  const map = new PlayedMap([object("crab", 5, 5)], game);
  map.game.open(new Map(), { ...map.at, calls });
  const crab = "the map object crab at 5,5";
  const onTheMap = [crab, "map.initial", crab, "opened"].map((handler) => `${handler} on harbour`);
  const begun = onTheMap.toSpliced(1, 0, "world.seen.schema on null");
  expect(told).toEqual(begun.flatMap((call) => [call, "ended"]));
  const { charId } = map.enter(1, { x: 5, y: 5 }, {}, game);
  told.length = 0;
  map.game.command(charId, "act", packValue({}), { ...map.at, calls });
  expect(told).toEqual(['commands["act"] on harbour', "ended"]);
});
