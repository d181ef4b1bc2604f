import { readFileSync } from "node:fs";
import { type CharId, CharId as charIdOf, type DialogueAnswer, type JsonObject } from "@sallyport/domain";
import { type EventName, packCommand, readEvent } from "@sallyport/game/messages";
import { type At, type Effect, loadState, MapGame } from "@sallyport/game-core";
import { parseTextMap } from "@sallyport/map-files";
import type { Character } from "../src/character.ts";
import game from "../src/game.ts";
import { messages } from "../src/messages.ts";

const read = (name: string) => {
  const path = new URL(`../../map-world/maps/${name}.map`, import.meta.url);
  return parseTextMap(readFileSync(path, "utf8"), `${name}.map`);
};

interface Cell {
  readonly x: number;
  readonly y: number;
}

/** The sample world on one of the sample maps. Actors stay where they appear, unless a test puts them. */
export class PlayedHarbour {
  readonly map;
  readonly game: MapGame;
  readonly cells = new Map<number, Cell>();
  readonly actors = new Map<string, number[]>();
  readonly states = new Map<CharId, Character>();
  readonly effects: Effect[] = [];
  nowMs = 0;
  #nextId = 0x8000_0000;

  constructor(name: "harbour" | "forest" = "harbour") {
    this.map = read(name);
    this.game = new MapGame({ game, map: this.map, newActorId: () => this.#nextId++ });
    this.#see(this.game.open(new Map(), this.#at));
  }

  get #at(): At {
    return {
      nowMs: this.nowMs,
      random: () => 0.5,
      view: {
        cellOf: (id) => this.cells.get(id),
        near: (of, reach) =>
          [...this.cells]
            .filter(([, { x, y }]) => Math.max(Math.abs(x - of.x), Math.abs(y - of.y)) <= reach)
            .map(([id, cell]) => ({ id, ...cell })),
        isWalkable: (x, y) => this.map.isWalkable(x, y),
      },
    };
  }

  #see(effects: readonly Effect[]): void {
    this.effects.push(...effects);
    for (const effect of effects) {
      if (effect.type === "fault") throw effect.error;
      if (effect.type === "spawn") {
        this.cells.set(effect.actor, effect.cell);
        this.actors.set(effect.name, [...(this.actors.get(effect.name) ?? []), effect.actor]);
      }
      if (effect.type === "despawn") {
        this.cells.delete(effect.actor);
        const isHere = (id: number): boolean => id !== effect.actor;
        for (const [name, ids] of this.actors) this.actors.set(name, ids.filter(isHere));
      }
      if (effect.type === "set") this.states.set(effect.charId, effect.character.state as Character);
    }
  }

  #answer<A extends { readonly answer: object; readonly effects: readonly Effect[] }>(done: A): A["answer"] {
    this.#see(done.effects);
    return done.answer;
  }

  /** The first actor of this name, as players read it. */
  actor(name: string): number {
    const [id] = this.actors.get(name) ?? [];
    if (id === undefined) throw new Error(`there is no ${name}`);
    return id;
  }

  enter(id = 1, attributes: object = {}): CharId {
    const charId = charIdOf(id);
    const loaded = loadState(game, attributes as JsonObject);
    if (!loaded.ok) throw new Error(loaded.reason);
    this.cells.set(charId, this.map.spawn);
    this.states.set(charId, loaded.character.state as Character);
    this.#see(this.game.entered({ charId, name: `Ann${id}`, character: loaded.character }, this.#at));
    return charId;
  }

  state(charId: CharId): Character {
    return this.states.get(charId) as Character;
  }

  goTo(charId: CharId, actor: number): void {
    this.cells.set(charId, this.cells.get(actor) as Cell);
    this.#see(this.game.stepped(charId, this.#at));
  }

  /** Goes to the actor of this name, clicks it, and returns what it says. */
  click(charId: CharId, name: string): string {
    const actor = this.actor(name);
    this.goTo(charId, actor);
    const from = this.effects.length;
    this.#answer(this.game.clicked(charId, actor, this.#at));
    return this.#said(from);
  }

  answer(charId: CharId, name: string, answer: DialogueAnswer): string {
    const from = this.effects.length;
    this.#answer(this.game.answered(charId, this.actor(name), answer, this.#at));
    return this.#said(from);
  }

  take(charId: CharId): object {
    const shell = this.actor("Shell");
    this.goTo(charId, shell);
    return this.#answer(this.game.taken(charId, shell, this.#at));
  }

  buy(charId: CharId, item: number, amount: number): object {
    return this.#answer(this.game.bought(charId, this.actor("Tobin"), [{ item, amount }], this.#at));
  }

  use(charId: CharId, item: "bread" | "rope" | "lantern"): object {
    const body = packCommand(messages, "bag.use", { item });
    return this.#answer(this.game.command(charId, "bag.use", body, this.#at));
  }

  wait(ms: number): void {
    this.nowMs += ms;
    this.#see(this.game.due(this.#at));
  }

  worldHas(count: number): void {
    this.#see(this.game.worldChanged("visitors", { count }, this.#at));
  }

  /** The bodies of the events with this name that were sent. */
  sent<N extends EventName<typeof messages>>(name: N) {
    return this.effects.flatMap((effect) => {
      if (effect.type !== "send" || effect.name !== name) return [];
      const event = readEvent(messages, name, effect.body);
      return event.ok ? [event.value] : [];
    });
  }

  #said(from: number): string {
    return this.effects
      .slice(from)
      .flatMap((effect) => (effect.type === "dialogue.said" ? [effect.text] : []))
      .join("\n");
  }
}
