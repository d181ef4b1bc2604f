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
 * Whether the map on which new characters begin is one at all. A map-server that is away, and has it, is waited for; but
 * a map that nobody ever had is a mistake in the settings, and characters that begin there could never be played.
 */
export class SpawnMap {
  readonly #options: SpawnMapOptions;
  #lacksSinceMs: number | null = null;
  #isMissing = false;

  constructor(options: SpawnMapOptions) {
    this.#options = options;
  }

  get isMissing(): boolean {
    return this.#isMissing && !this.#options.known().has(this.#options.map);
  }

  /** Now and then: it is missing once map-servers have had their time to announce it. */
  look(): void {
    const { map, known, clock, log } = this.#options;
    const maps = known();
    if (maps.size === 0 || maps.has(map)) {
      this.#lacksSinceMs = null;
      this.#isMissing = false;
      return;
    }
    this.#lacksSinceMs ??= clock.nowMs();
    if (this.#isMissing || clock.nowMs() - this.#lacksSinceMs < announcedMs) return;
    this.#isMissing = true;
    const some = [...maps].sort().slice(0, 10);
    log.error({ map, maps: some }, "no map-server has the map where new characters begin; set WORLD_SPAWN");
  }
}
