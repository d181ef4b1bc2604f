import { type CharId, CharId as charIdOf, distanceCells, type JsonObject } from "@sallyport/domain";
import type { Cell, MapObject } from "@sallyport/map-world";
import {
  type At,
  type CommandAnswer,
  type CommandInput,
  type CommandName,
  type Effect,
  type Game,
  loadState,
  MapGame,
  type MapInfo,
  packCommand,
} from "../src/index.ts";
import { harbour, messages } from "./sample-game.ts";

export const object = (of: string, x: number, y: number, more: Partial<MapObject> = {}): MapObject => ({
  ...{ name: "", class: of, x, y, width: 1, height: 1, properties: {} },
  ...more,
});

const sizeCells = 40;

/** A map on which actors are where they appeared, or where the test puts them. Cells with x = 39 are walls. */
export class PlayedMap {
  readonly game: MapGame;
  readonly info: MapInfo;
  readonly cells = new Map<number, Cell>();
  nowMs = 0;
  /** What the next draws return; then 0.5. */
  readonly draws: number[] = [];
  #nextActorId = 0x8000_0000;

  constructor(objects: readonly MapObject[] = [], game: Game = harbour) {
    const size = { width: sizeCells, height: sizeCells };
    this.info = { name: "harbour", title: "Harbour", ...size, objects, properties: { music: "waves" } };
    this.game = new MapGame({ game, map: this.info, newActorId: () => this.#nextActorId++ });
  }

  get at(): At {
    return {
      nowMs: this.nowMs,
      random: () => this.draws.shift() ?? 0.5,
      view: {
        cellOf: (id) => this.cells.get(id),
        near: (cell, reachCells) =>
          [...this.cells]
            .filter(([, each]) => distanceCells(cell, each) <= reachCells)
            .map(([id, each]) => ({ id, ...each })),
        isWalkable: (x, y) => x >= 0 && y >= 0 && x < sizeCells - 1 && y < sizeCells,
      },
    };
  }

  /** Carries out the effects that move actors. */
  see(effects: readonly Effect[]): readonly Effect[] {
    for (const effect of effects) {
      if (effect.type === "spawn") this.cells.set(effect.actor, effect.cell);
      if (effect.type === "despawn") this.cells.delete(effect.actor);
    }
    return effects;
  }

  open(world: ReadonlyMap<string, unknown> = new Map()): readonly Effect[] {
    return this.see(this.game.open(world, this.at));
  }

  enter(id: number, cell: Cell = { x: 5, y: 5 }, attributes: JsonObject = {}, game: Game = harbour) {
    const charId = charIdOf(id);
    this.cells.set(charId, cell);
    const loaded = loadState(game, attributes);
    if (!loaded.ok) throw new Error(loaded.reason);
    const { character } = loaded;
    return { charId, effects: this.see(this.game.entered({ charId, name: `Ann${id}`, character }, this.at)) };
  }

  step(id: number, cell: Cell): readonly Effect[] {
    this.cells.set(id, cell);
    return this.see(this.game.stepped(id, this.at));
  }

  say(id: number, text: string): readonly Effect[] {
    return this.see(this.game.said(charIdOf(id), text, this.at));
  }

  command<N extends CommandName<typeof messages>>(
    charId: CharId,
    name: N,
    input: CommandInput<typeof messages, N>,
  ): CommandAnswer {
    const done = this.game.command(charId, name, packCommand(messages, name, input), this.at);
    this.see(done.effects);
    return done;
  }

  due(nowMs: number): readonly Effect[] {
    this.nowMs = nowMs;
    return this.see(this.game.due(this.at));
  }

  /** The ids of the actors that appeared with this name. */
  idOf(effects: readonly Effect[], name: string): number {
    const found = effects.find((effect) => effect.type === "spawn" && effect.name === name);
    if (found?.type !== "spawn") throw new Error(`${name} did not appear`);
    return found.actor;
  }
}
