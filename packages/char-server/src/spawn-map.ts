import type { Host } from "@sallyport/server-kit";

export interface SpawnMapOptions {
  readonly map: string;
  /** Returns all maps that any map-server ever had, as far as this process knows. */
  readonly known: () => ReadonlySet<string>;
}

/** Map-servers that start together have all announced their maps within this time. */
const announcedMs = 10_000;

/**
 * Tells whether there is a map for new characters. The map exists if any map-server ever had it, even if that
 * map-server is away now. A character that begins on a map that does not exist could not be played. Before
 * the first map-server links, no map is known, and the map does not count as missing.
 */
export class SpawnMap {
  readonly #host: Pick<Host, "clock" | "log">;
  readonly #options: SpawnMapOptions;
  #lacksSinceMs: number | null = null;
  #isTold = false;

  constructor(host: Pick<Host, "clock" | "log">, options: SpawnMapOptions) {
    this.#host = host;
    this.#options = options;
  }

  get isMissing(): boolean {
    const maps = this.#options.known();
    return maps.size > 0 && !maps.has(this.#options.map);
  }

  /** Call this regularly. It logs a missing map only after map-servers have had time to announce the map. */
  look(): void {
    const { clock, log } = this.#host;
    const { map, known } = this.#options;
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
