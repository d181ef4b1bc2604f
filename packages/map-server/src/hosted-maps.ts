import type { GridMap } from "@sallyport/map-world";
import type { RunningGame } from "./game/running-game.ts";
import { MapRunner, type MapRunnerOptions, type RunnerHost } from "./map-runner.ts";
import type { Player } from "./player.ts";

/**
 * The maps that run on this server. A map that this server no longer hosts still runs while it has players or
 * expects some.
 */
export class HostedMaps {
  readonly #host: RunnerHost;
  readonly #maps: ReadonlyMap<string, GridMap>;
  readonly #options: MapRunnerOptions;
  readonly #begin: (runner: MapRunner) => RunningGame | null;
  readonly #runners = new Map<string, MapRunner>();
  readonly #games = new Map<string, RunningGame>();
  #hosted: ReadonlySet<string> = new Set();

  /** `begin` begins the game on a map, if there is one. */
  constructor(
    host: RunnerHost,
    maps: ReadonlyMap<string, GridMap>,
    options: MapRunnerOptions,
    begin: (runner: MapRunner) => RunningGame | null,
  ) {
    this.#begin = begin;
    this.#host = host;
    this.#maps = maps;
    this.#options = options;
  }

  host(maps: readonly string[], players: Iterable<Player>): void {
    this.#hosted = new Set(maps.filter((map) => this.#maps.has(map)));
    const inUse = new Set([...players].map(({ map }) => map));
    for (const [map, runner] of this.#runners) {
      if (this.#hosted.has(map) || inUse.has(map)) continue;
      runner.stop();
      this.#runners.delete(map);
      this.#games.get(map)?.stop();
      this.#games.delete(map);
    }
    for (const name of this.#hosted) {
      const map = this.#maps.get(name);
      if (map === undefined || this.#runners.has(name)) continue;
      const runner = new MapRunner(this.#host, map, this.#options);
      this.#runners.set(name, runner);
      const game = this.#begin(runner);
      if (game !== null) this.#games.set(name, game);
    }
  }

  get hosted(): readonly string[] {
    return [...this.#hosted];
  }

  isHosted(map: string): boolean {
    return this.#hosted.has(map);
  }

  /** True if this server runs a map that it no longer hosts. */
  get hasMore(): boolean {
    return this.#runners.size > this.#hosted.size;
  }

  runnerOf(map: string): MapRunner | undefined {
    return this.#runners.get(map);
  }

  gameOn(map: string): RunningGame | undefined {
    return this.#games.get(map);
  }

  get games(): readonly RunningGame[] {
    return [...this.#games.values()];
  }

  get runners(): readonly MapRunner[] {
    return [...this.#runners.values()];
  }

  stop(): void {
    for (const runner of this.#runners.values()) runner.stop();
    for (const game of this.#games.values()) game.stop();
  }
}
