import type { Clock } from "@sallyport/link";
import type { Log } from "@sallyport/server-kit";

export interface SpawnMapOptions {
  /** Where new characters begin. */
  readonly map: string;
  /** All maps that any map-server ever had, as far as this process knows. */
  readonly known: () => ReadonlySet<string>;
  readonly clock: Clock;
  readonly log: Log;
}

/** In which all map-servers that start together have said which maps they have. */
const announcedMs = 10_000;

/**
 * Whether the map on which new characters begin exists. A map-server that had it once counts, also while it is away. A
 * character that begins on a map that no map-server ever had could not be played. Before the first map-server is linked
 * no map is known, and none is missing.
 */
export class SpawnMap {
  readonly #options: SpawnMapOptions;
  #lacksSinceMs: number | null = null;
  #isTold = false;

  constructor(options: SpawnMapOptions) {
    this.#options = options;
  }

  get isMissing(): boolean {
    const maps = this.#options.known();
    return maps.size > 0 && !maps.has(this.#options.map);
  }

  /** Called now and then. The log is told once map-servers have had their time to announce the map. */
  look(): void {
    const { map, known, clock, log } = this.#options;
    if (!this.isMissing) {
      this.#lacksSinceMs = null;
      this.#isTold = false;
      return;
    }
    this.#lacksSinceMs ??= clock.nowMs();
    if (this.#isTold || clock.nowMs() - this.#lacksSinceMs < announcedMs) return;
    this.#isTold = true;
    const some = [...known()].sort().slice(0, 10);
    log.error({ map, maps: some }, "no map-server has the map where new characters begin; set WORLD_SPAWN");
  }
}
