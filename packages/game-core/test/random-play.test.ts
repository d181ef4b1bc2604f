import fc from "fast-check";
import { expect, test } from "vitest";
import type { Effect } from "../src/index.ts";
import { object, PlayedMap } from "./played-map.ts";
import { harbour } from "./sample-game.ts";

const id = fc.integer({ min: 1, max: 3 });
/** One of the actors that are there, or else one that is gone or never was. */
const nth = fc.integer({ min: 0, max: 9 });
const cell = fc.record({ x: fc.nat(8), y: fc.nat(8) });
const answers = fc.array(fc.integer({ min: -2, max: 2 }), { maxLength: 3 });

const event = fc.oneof(
  fc.record({ type: fc.constant("enter" as const), id, cell }),
  fc.record({ type: fc.constant("leave" as const), id }),
  fc.record({ type: fc.constant("step" as const), id, cell }),
  fc.record({ type: fc.constant("actor-step" as const), nth, cell }),
  fc.record({ type: fc.constant("arrive" as const), nth }),
  fc.record({ type: fc.constant("talk" as const), id, nth, answers }),
  fc.record({ type: fc.constant("take" as const), id, nth }),
  fc.record({ type: fc.constant("buy" as const), id, nth, amount: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ type: fc.constant("rest" as const), id }),
  fc.record({ type: fc.constant("open" as const), id, nth }),
  fc.record({ type: fc.constant("wait" as const), ms: fc.nat(3_000) }),
  fc.record({ type: fc.constant("world" as const), count: fc.nat(9) }),
  fc.record({ type: fc.constant("reload" as const) }),
);
type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;

const objects = [
  object("mara", 3, 3),
  object("chest", 5, 5),
  object("dock", 7, 3),
  object("crab", 0, 0, { width: 10, height: 10, properties: { count: 3 } }),
  object("shell", 2, 8),
];

class Play {
  readonly map = new PlayedMap(objects);
  readonly all: Effect[] = [];
  readonly #here = new Map<number, ReturnType<PlayedMap["enter"]>["charId"]>();
  readonly #actors: number[] = [];
  readonly #alive = new Set<number>();

  constructor(draws: readonly number[]) {
    this.map.draws.push(...draws);
    this.#check(this.map.open());
    this.do({ type: "enter", id: 1, cell: { x: 4, y: 4 } });
  }

  do(event: Event): void {
    const { map } = this;
    const { game } = map;
    const actor = "nth" in event ? ([...this.#alive][event.nth] ?? this.#actors[event.nth] ?? 1) : 1;
    const charId = "id" in event ? this.#here.get(event.id) : undefined;
    if (event.type === "enter") {
      if (charId !== undefined) return;
      const entered = map.enter(event.id, event.cell);
      this.#here.set(event.id, entered.charId);
      return this.#check(entered.effects);
    }
    if ("id" in event && charId === undefined) return;
    const player = charId as NonNullable<typeof charId>;
    switch (event.type) {
      case "leave":
        this.#check(game.left(player, map.at));
        map.cells.delete(player);
        this.#here.delete(event.id);
        return;
      case "step":
        return this.#check(map.step(player, event.cell));
      case "actor-step":
        return this.#alive.has(actor) ? this.#check(map.step(actor, event.cell)) : undefined;
      case "arrive":
        return this.#check(game.arrived(actor, map.at));
      case "talk":
        this.#check(game.clicked(player, actor, map.at).effects);
        for (const index of event.answers) {
          const other = index === -2 ? ({ type: "close" } as const) : ({ type: "next" } as const);
          const answer = index < 0 ? other : ({ type: "choice", index } as const);
          this.#check(game.answered(player, actor, answer, map.at).effects);
        }
        return;
      case "take":
        return this.#check(game.taken(player, actor, map.at).effects);
      case "buy":
        return this.#check(
          game.bought(player, actor, [{ item: 1065, amount: event.amount }], map.at).effects,
        );
      case "rest":
        return this.#check(map.command(player, "rest", {}).effects);
      case "open":
        return this.#check(map.command(player, "chest.open", { chest: actor }).effects);
      case "wait":
        this.#check(map.due(map.nowMs + event.ms));
        expect(game.nextDueMs()).toBeGreaterThan(map.nowMs);
        return;
      case "world":
        return this.#check(game.worldChanged("visitors", { count: event.count, last: "" }, map.at));
      case "reload":
        return this.#check(game.reload(harbour, map.at));
    }
  }

  #check(effects: readonly Effect[]): void {
    this.map.see(effects);
    for (const effect of effects) {
      this.all.push(effect);
      if (effect.type === "fault") throw new Error(effect.handler, { cause: effect.error });
      if (effect.type === "spawn") {
        if (this.#actors.includes(effect.actor)) throw new Error(`${effect.actor} is used twice`);
        this.#actors.push(effect.actor);
        this.#alive.add(effect.actor);
      }
      if ("actor" in effect && !this.#alive.has(effect.actor)) throw new Error(`${effect.type} of no actor`);
      if (effect.type === "despawn") this.#alive.delete(effect.actor);
      const named = "charId" in effect ? [effect.charId] : effect.type === "send" ? effect.to : [];
      if (!named.every((charId) => this.#here.has(charId))) throw new Error(`${effect.type} for no player`);
    }
  }
}

test("any play of a game without mistakes has no fault, names only who is there, and replays", () => {
  const kinds = new Set<string>();
  const draws = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.array(event, { minLength: 20, maxLength: 80, size: "max" }), draws, (events, drawn) => {
      const plays = [new Play(drawn), new Play(drawn)];
      for (const each of events) for (const play of plays) play.do(each);
      const [first, second] = plays.map(({ all }) => all);
      expect(first).toEqual(second);
      for (const { type } of first ?? []) kinds.add(type);
    }),
    { numRuns: 200 },
  );
  // The plays are worth something only if they get this far.
  expect([...kinds].sort()).toEqual([
    ...["actor.changed", "change-world", "character.changed", "despawn"],
    ...["dialogue.asked", "dialogue.ended", "dialogue.paused", "dialogue.said"],
    ...["send", "set", "shop.offered", "spawn", "speak", "walk", "warp"],
  ]);
});
