import type { Game, NameOf, ObjectInfo, Shape } from "@sallyport/game-core";
import { leadWarps, parseTextMap } from "@sallyport/map-files";
import type { Cell, GridMap } from "@sallyport/map-world";
import { actorsOn, type FoundActor } from "./find-actor.ts";
import { type Fault, Stage } from "./stage.ts";
import { TestPlayer } from "./test-player.ts";

export interface TestWorldOptions<S extends Shape = Shape> {
  /** Texts of `.map` files, or maps of `loadMaps`. Default: `meadow`, an open map of 20 by 12 cells. */
  readonly maps?: Iterable<string | GridMap>;
  /** Of `it.random()`, a whole number. The same seed gives the same numbers. Default: 1. */
  readonly seed?: number;
  /** Stored states of the world. By default nothing is stored. */
  readonly world?: Partial<S["world"]>;
  /** Then a handler that fails does not fail the test: see `faults`. */
  readonly keepsFaults?: boolean;
}

export interface EnterOptions<S extends Shape> {
  /** A cell. By default the spawn of the map. */
  readonly at?: readonly [x: number, y: number];
  /** By default the first map. */
  readonly map?: string;
  /** Merged into the initial state of the game. */
  readonly character?: Partial<S["character"]>;
  /** The attributes as they were saved, in place of `character`: migrations run. */
  readonly stored?: TestPlayer<S>["stored"];
}

/** A map object, and the map that has it. */
export interface TestObject<S extends Shape, C extends string> extends ObjectInfo<S, C> {
  readonly map: string;
}

export interface TestActor<State> extends Cell {
  readonly id: number;
  readonly map: string;
  readonly state: Readonly<State>;
}

const meadow = "name: meadow\nspawn: 2,2\nsize: 20x12";

/** Runs a game without servers, with the code of the map-server. Time passes only in `passes` and `walkTo`. */
export function testWorld<S extends Shape>(game: Game<S>, options: TestWorldOptions<S> = {}): TestWorld<S> {
  return new TestWorld(game, options);
}

/** The maps of a game. Two runs with the same calls are the same. */
export class TestWorld<S extends Shape> {
  readonly #stage: Stage;

  constructor(
    game: Game<S>,
    { maps = [meadow], seed = 1, world = {}, keepsFaults = false }: TestWorldOptions<S>,
  ) {
    this.#stage = new Stage(game as Game, { maps: mapsOf([...maps]), seed, world, keepsFaults });
  }

  /** Enters the map with a new player. */
  enter(name: string, options: EnterOptions<S> = {}): TestPlayer<S> {
    const { at, map = this.#maps[0] ?? "", character = {}, stored } = options;
    const { version = 1, initial = {} } = this.#stage.game.definition.character ?? {};
    const isPlain = options.character === undefined && stored === undefined;
    const attributes = isPlain ? {} : (stored ?? { $version: version, ...initial, ...character });
    const cell = at === undefined ? null : { x: at[0], y: at[1] };
    return new TestPlayer<S>(this.#stage, { name, map, at: cell, attributes });
  }

  /** Lets time pass: steps, timers, ticks and monsters run. */
  passes(ms: number): void {
    this.#stage.passes(ms);
  }

  get nowMs(): number {
    return this.#stage.clock.nowMs();
  }

  /** The state of the world. Changes are made at the end of the call that asked for them. */
  state<K extends NameOf<S["world"]>>(key: K): Readonly<S["world"][K]> {
    const state: unknown = this.#stage.state(key);
    if (state === undefined) throw new Error(`the game has no world.${key}`);
    return state as Readonly<S["world"][K]>;
  }

  /** The state of a map, by default of the first one. */
  mapState(map = this.#maps[0] ?? ""): Readonly<S["map"]> {
    return this.#stage.gameOn(map).inspect((it) => it.map.state);
  }

  /** The actors with this name on all maps. */
  actors<N extends NameOf<S["actors"]>>(name: N): readonly TestActor<S["actors"][N]>[] {
    const { game } = this.#stage;
    const { actors = {} } = game.definition;
    if (!Object.hasOwn(actors, name)) {
      throw new Error(`the game has no actors.${name}; it has ${Object.keys(actors).join(", ")}`);
    }
    return this.#maps.flatMap((map) => {
      const found = actorsOn(this.#stage.gameOn(map), game) as readonly FoundActor<S["actors"][N]>[];
      return found.flatMap(({ id, name: of, x, y, state }) =>
        of === name ? [{ id, map, x, y, state }] : [],
      );
    });
  }

  /** The map objects of this class on all maps, such as `zone`. */
  objects<C extends string>(className: C): readonly TestObject<S, C>[] {
    return this.#maps.flatMap((map) => {
      const objects = this.#stage.gameOn(map).inspect((it) => it.objects(className));
      return (objects as readonly ObjectInfo<S, C>[]).map((object) => ({ ...object, map }));
    });
  }

  /** Goes on with another definition, as a map-server does in development. */
  reload(game: Game<S>): void {
    this.#stage.reload(game as Game);
  }

  /** What failed, if the world keeps faults. Oldest first. */
  get faults(): readonly Fault[] {
    return this.#stage.faults;
  }

  get #maps(): readonly string[] {
    return this.#stage.places.maps.hosted;
  }
}

function mapsOf(given: readonly (string | GridMap)[]): readonly GridMap[] {
  const maps = given.map((map, nth) => (typeof map === "string" ? parseTextMap(map, `maps[${nth}]`) : map));
  const led = leadWarps(maps);
  // The warps of loaded maps lead to units already.
  return maps.map((map, nth) => (typeof given[nth] === "string" ? (led[nth] ?? map) : map));
}
