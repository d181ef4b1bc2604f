import { unpackValue } from "@sallyport/wire";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineGame, defineMessages, type Effect, type Game } from "../src/index.ts";
import { object, PlayedMap } from "./played-map.ts";

const messages = defineMessages({ events: { state: z.object({ map: z.unknown() }) } });

/** A game whose tick shows the state of the map. */
function gameOf(key: "tide" | "wind", version: number, migrate?: (old: { gold: number }) => object): Game {
  return defineGame({
    name: "changing",
    messages,
    character: {
      schema: (version === 1
        ? z.object({ gold: z.number() })
        : z.object({ coins: z.number() })) as z.ZodObject,
      initial: (version === 1 ? { gold: 5 } : { coins: 5 }) as never,
      version,
      ...(version > 1 && { migrations: { 1: migrate ?? (({ gold }) => ({ coins: gold })) } }),
      own: [(version === 1 ? "gold" : "coins") as never],
    },
    map: { schema: z.object({ [key]: z.number() }), initial: () => ({ [key]: 0 }) },
    actors: { crab: { kind: "monster", name: `Crab ${version}` } },
    opened: (it) => it.after(1_000, "rise"),
    timers: { rise: { data: null, run: (it) => it.setMap({ [key]: 7 }) } },
    tick: { everyMs: 1_000, run: (it) => it.sendAll("state", { map: it.map.state }) },
  });
}

const stateIn = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => (effect.type === "send" ? [unpackValue(effect.body)] : []));

function played(game: Game) {
  const map = new PlayedMap([object("crab", 3, 3)], game);
  map.open();
  const { charId } = map.enter(1, { x: 1, y: 1 }, {}, game);
  expect(stateIn(map.due(1_000))).toEqual([{ map: { tide: 7 } }]);
  return { map, charId };
}

describe("a reloaded game", () => {
  test("keeps players and the state of the map, and begins its actors anew", () => {
    const { map, charId } = played(gameOf("tide", 1));
    const effects = map.see(map.game.reload(gameOf("tide", 2), map.at));
    expect(effects).toMatchObject([
      { type: "despawn", actor: 0x8000_0000 },
      { type: "set", charId, character: { attributes: { $version: 2, coins: 5 } } },
      { type: "character.changed", charId },
      { type: "actor.changed", charId, shown: new Uint8Array() },
      { type: "spawn", actor: 0x8000_0001, name: "Crab 2" },
    ]);
    expect(stateIn(map.due(2_000))).toEqual([{ map: { tide: 7 } }]);
  });

  test("takes from its client what only the old one showed", () => {
    const { map } = played(gameOf("tide", 1));
    const effects = map.game.reload(gameOf("tide", 2), map.at);
    const shown = effects.flatMap((effect) =>
      effect.type === "character.changed" ? [unpackValue(effect.changes)] : [],
    );
    expect(shown).toEqual([{ gold: null, coins: 5 }]);
  });

  test("begins with a new state of the map if the old one does not fit", () => {
    const { map } = played(gameOf("tide", 1));
    map.see(map.game.reload(gameOf("wind", 1), map.at));
    map.nowMs = 1_999;
    expect(map.game.nextDueMs()).toBe(2_000);
    expect(stateIn(map.due(2_000))).toEqual([{ map: { wind: 7 } }]);
  });

  test("lets a player go whose attributes do not fit any more", () => {
    const { map, charId } = played(gameOf("tide", 1));
    const effects = map.see(
      map.game.reload(
        gameOf("tide", 2, () => ({ coins: "many" })),
        map.at,
      ),
    );
    expect(effects.filter(({ type }) => type === "misfit" || type === "set")).toEqual([
      { type: "misfit", charId, reason: expect.stringMatching(/^coins: /) },
    ]);
    expect(stateIn(map.due(2_000))).toEqual([]);
  });

  test("ends the dialogues of the old one", () => {
    const map = new PlayedMap([object("mara", 5, 5)]);
    const actor = map.idOf(map.open(), "Mara");
    const { charId } = map.enter(1, { x: 5, y: 5 });
    map.game.clicked(charId, actor, map.at);
    const [first, second] = map.game.reload(gameOf("tide", 1), map.at);
    expect([first, second]).toEqual([
      { type: "dialogue.ended", charId, actor },
      { type: "despawn", actor },
    ]);
  });
});
