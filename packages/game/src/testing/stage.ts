import type { EventOf, Json, JsonObject, MapDoor, Position, Score } from "@sallyport/domain";
import type { Game } from "@sallyport/game-core";
import {
  clientInMemory,
  defaultMapSettings,
  type MapRunner,
  type MapsHost,
  Places,
  PlayedGame,
  type Player,
  type RunningGame,
  unstoredPlayer,
  worldDefinitionsOf,
} from "@sallyport/map-server/testing";
import type { Cell, GridMap } from "@sallyport/map-world";
import { seededRandom } from "./seeded-random.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** A handler that failed. Nothing else of it happened. */
export interface Fault {
  /** Its path in the definition, such as `actors.crab.touched`. */
  readonly handler: string;
  /** Null for a change of the state of the world. */
  readonly map: string | null;
  readonly error: unknown;
}

export interface StageOptions {
  readonly maps: readonly GridMap[];
  readonly seed: number;
  readonly world: { readonly [key: string]: unknown };
  readonly keepsFaults: boolean;
}

export interface Entering {
  readonly name: string;
  readonly map: string;
  readonly at: Cell | null;
  readonly attributes: JsonObject;
  readonly heard: (event: EventOf<MapDoor>) => void;
}

/**
 * The maps of a map-server and the game on them, in one process. What the server does later, and what other
 * servers do, is done at the end of `act`.
 */
export class Stage {
  readonly clock = new VirtualClock();
  readonly faults: Fault[] = [];
  /** The scores that the game submitted, oldest first. */
  readonly scores: { readonly player: Player; readonly score: Score }[] = [];
  readonly places: Places;
  readonly #played: PlayedGame;
  readonly #keepsFaults: boolean;
  readonly #deferred: (() => void)[] = [];
  /** The players on the maps, and what to call when one of them leaves. */
  readonly #here = new Map<Player, (why: string) => void>();
  readonly #world = new Map<string, Json>();
  #definitions: ReturnType<typeof worldDefinitionsOf>;
  #game: Game;
  #players = 0;

  constructor(game: Game, { maps, seed, world, keepsFaults }: StageOptions) {
    this.#game = game;
    this.#keepsFaults = keepsFaults;
    this.#definitions = worldDefinitionsOf(game);
    for (const [key, state] of Object.entries(world)) this.#world.set(key, this.#fitting(key, state as Json));
    const host: MapsHost = {
      clock: this.clock,
      random: seededRandom(seed),
      log: logOf((fault) => this.faults.push(fault)),
      metrics: { count: nothing, observe: nothing, watch: nothing, watchEach: nothing },
    };
    const { stepMs, viewCells, gameCommandsPerSecond, gameBudgetMs } = defaultMapSettings;
    const bounds = { commandsPerSecond: gameCommandsPerSecond, budgetMs: gameBudgetMs, switchOffAfter: 0 };
    this.#played = new PlayedGame(
      host,
      { game, ...bounds },
      {
        get: (key) => this.state(key),
        change: (key, change, input) => this.#defer(() => this.#change(key, change, input)),
        submitScore: (player, score) => void this.scores.push({ player, score }),
      },
    );
    const defer = (run: () => void): void => this.#defer(run);
    const byName = new Map(maps.map((map) => [map.name, map]));
    const deps = { maps: byName, game: this.#played, stepMs, viewCells, defer };
    this.places = new Places(host, deps, {
      warped: (player, to) => this.#warp(player, to),
      warp: (player, to) => {
        if (this.places.mapOf(player)?.halt(player) === true) this.#warp(player, to);
      },
      misfit: (player, reason) => this.#misfit(player, reason),
    });
    this.act(() => this.places.maps.host([...byName.keys()], []));
  }

  get game(): Game {
    return this.#game;
  }

  /** Throws the first fault, unless the test keeps them. */
  act<T>(run: () => T): T {
    const before = this.faults.length;
    const result = run();
    this.#settle();
    const fault = this.faults[before];
    if (fault === undefined || this.#keepsFaults) return result;
    const { handler, map, error } = fault;
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${handler} failed${map === null ? "" : ` on ${map}`}: ${why}`, { cause: error });
  }

  /** Lets time pass, at most until `isOver` is true. */
  passes(ms: number, isOver: () => boolean = () => false): void {
    this.act(() =>
      this.clock.passTo(this.clock.nowMs() + ms, () => {
        this.#settle();
        return isOver();
      }),
    );
  }

  runnerOf(map: string): MapRunner {
    const runner = this.places.maps.runnerOf(map);
    if (runner !== undefined) return runner;
    throw new Error(`the world has no map "${map}"; it has ${this.places.maps.hosted.join(", ")}`);
  }

  gameOn(map: string): RunningGame {
    const game = this.places.maps.gameOn(map);
    if (game === undefined) throw new Error(`no game runs on ${map}`);
    return game;
  }

  /** The state of the world under a key. */
  state(key: string): Json | undefined {
    const definition = this.#definitions[key];
    return definition && this.#fitting(key, this.#world.get(key) ?? definition.initial);
  }

  /** `left` is called when the player is on no map any more. */
  enter({ name, map, at, attributes, heard }: Entering, left: (why: string) => void): Player {
    const runner = this.runnerOf(map);
    const cell = at ?? runner.map.spawn;
    if (!runner.map.isWalkable(cell.x, cell.y)) {
      throw new Error(`${name} cannot enter at ${cell.x},${cell.y} on ${map}: nobody can stand there`);
    }
    const loading = this.#played.load(attributes);
    if (!loading.ok) throw new Error(`the character of ${name} does not fit the game: ${loading.reason}`);
    this.#players += 1;
    const position = { map, ...runner.middleOf(cell) };
    const of = { nth: this.#players, name, position, stored: attributes, loaded: loading.character };
    const player = unstoredPlayer(of);
    player.client = clientInMemory(heard);
    this.#here.set(player, left);
    this.act(() => this.#place(player, position));
    return player;
  }

  leave(player: Player, why: string): void {
    const left = this.#here.get(player);
    this.places.take(player);
    player.client = null;
    this.#here.delete(player);
    left?.(why);
  }

  reload(game: Game): void {
    this.#game = game;
    this.#definitions = worldDefinitionsOf(game);
    this.act(() => this.places.reload(game, []));
  }

  #place(player: Player, { map, ...at }: Position): void {
    player.client?.send({ type: "map.changed", ...this.places.place(player, map, at) });
    this.places.appear(player);
  }

  #warp(player: Player, to: Position): void {
    if (!this.#here.has(player)) return;
    this.runnerOf(to.map);
    this.places.take(player);
    this.#place(player, to);
  }

  #misfit(player: Player, reason: string): void {
    const error = new Error(`the character of ${player.name} does not fit: ${reason}`);
    this.faults.push({ handler: "character", map: player.map, error });
    this.leave(player, reason);
  }

  #change(key: string, change: string, input: Json): void {
    try {
      const apply = this.#definitions[key]?.changes[change];
      const state = this.state(key);
      if (apply === undefined || state === undefined) throw new Error("the game has no such change any more");
      const next = apply(state, input);
      this.#world.set(key, next);
      this.places.worldChanged(key, next);
    } catch (error) {
      this.faults.push({ handler: `world.${key}.changes.${change}`, map: null, error });
    }
  }

  #fitting(key: string, state: Json): Json {
    const parsed = this.#definitions[key]?.parse(state) ?? { ok: false, why: `the game has no world.${key}` };
    if (!parsed.ok) throw new Error(parsed.why);
    return parsed.value;
  }

  #defer(run: () => void): void {
    this.#deferred.push(run);
  }

  #settle(): void {
    for (let next = this.#deferred.shift(); next !== undefined; next = this.#deferred.shift()) next();
  }
}

const nothing = (): void => {};

/** The map-server reports the faults of a game in its log. */
function logOf(failed: (fault: Fault) => void): MapsHost["log"] {
  const log: MapsHost["log"] = {
    level: "silent",
    ...{ debug: nothing, info: nothing, warn: nothing, fatal: nothing },
    error({ handler, map, err }) {
      if (typeof handler === "string")
        failed({ handler, map: typeof map === "string" ? map : null, error: err });
    },
    child: () => log,
    flush: (done) => done?.(),
  };
  return log;
}
