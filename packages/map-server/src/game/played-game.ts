import { firstActorId, type JsonObject, type Position } from "@sallyport/domain";
import { type CallWatch, type Game, type Loading, loadState, type MapInfo } from "@sallyport/game-core";
import type { Host } from "@sallyport/server-kit";
import type { Defer, MapRunner } from "../map-runner.ts";
import type { Player } from "../player.ts";
import type { WorldStateDefinitions } from "../world-states.ts";
import { CommandRate } from "./command-rate.ts";
import { HandlerWatch } from "./handler-watch.ts";
import { misfitAmong } from "./misfit.ts";
import { RunningGame, type WorldOfGame } from "./running-game.ts";
import { worldDefinitionsOf } from "./world-definitions.ts";

export type { WorldOfGame };

export interface PlayedGameOptions {
  readonly game: Game;
  /** See `HandlerWatchOptions`. */
  readonly budgetMs: number;
  readonly switchOffAfter: number;
  /** Maximum number of commands of the game that a client can send in a second. */
  readonly commandsPerSecond: number;
  /** Learns of each call of a handler. */
  readonly calls?: CallWatch | undefined;
  /** What the log shows of an error that code of the game threw. By default the error as it is. */
  readonly forLog?: ((error: unknown) => unknown) | undefined;
}

const asItIs = (error: unknown): unknown => error;

type GameHost = Pick<Host, "clock" | "log" | "random">;

/** What the game can do with players. */
export interface PlayersOfGame {
  warp(player: Player, to: Position): void;
  /** The attributes of the player do not fit a reloaded game. */
  misfit(player: Player, reason: string): void;
}

const actorIds = 2 ** 32 - firstActorId;

/** The game that this server runs on all its maps. */
export class PlayedGame {
  readonly #host: GameHost;
  readonly #world: WorldOfGame;
  readonly #watch: HandlerWatch;
  readonly #commandsPerSecond: number;
  readonly #forLog: (error: unknown) => unknown;
  readonly #rates = new WeakMap<Player, CommandRate>();
  #game: Game;
  #actors = 0;

  constructor(host: GameHost, options: PlayedGameOptions, world: WorldOfGame) {
    const { game, budgetMs, switchOffAfter, calls, forLog = asItIs } = options;
    this.#forLog = forLog;
    this.#host = host;
    this.#commandsPerSecond = options.commandsPerSecond;
    this.#game = game;
    this.#world = world;
    this.#watch = new HandlerWatch(host, { budgetMs, switchOffAfter, next: calls });
  }

  get name(): string {
    return this.#game.definition.name;
  }

  load(attributes: JsonObject): Loading {
    return loadState(this.#game, attributes, this.#watch);
  }

  /** Says which object of a map, or which of the players, does not fit another definition. Null if all fit. */
  misfitOf(game: Game, maps: Iterable<MapInfo>, players: Iterable<Player>): string | null {
    return misfitAmong({ maps, players }, game, this.#watch);
  }

  /** The states of the world that the game has. */
  worldDefinitions(): WorldStateDefinitions {
    return worldDefinitionsOf(this.#game, { calls: this.#watch, forLog: this.#forLog });
  }

  begin(runner: MapRunner, { warp, misfit, defer }: PlayersOfGame & { defer: Defer }): RunningGame {
    const newActorId = (): number => this.#newActorId();
    const rateOf = (player: Player): CommandRate => this.#rateOf(player);
    const deps = {
      rateOf,
      game: this.#game,
      watch: this.#watch,
      world: this.#world,
      warp,
      misfit,
      defer,
      newActorId,
      forLog: this.#forLog,
    };
    return new RunningGame(this.#host, deps, runner);
  }

  /** The maps that run go on with the new definition as soon as the caller reloads them. */
  reload(game: Game): void {
    this.#game = game;
    this.#watch.forget();
  }

  #rateOf(player: Player): CommandRate {
    const rate = this.#rates.get(player) ?? new CommandRate(this.#commandsPerSecond);
    this.#rates.set(player, rate);
    return rate;
  }

  /** No two actors of this server have the same id, unless one of them outlives two billion others. */
  #newActorId(): number {
    this.#actors = (this.#actors + 1) % actorIds;
    return firstActorId + this.#actors;
  }
}
