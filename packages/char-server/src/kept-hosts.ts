import type { MapHostStore } from "@sallyport/database";
import type { Host } from "@sallyport/server-kit";
import type { Assignment } from "./assign-maps.ts";
import { untilAvailable } from "./until-available.ts";

export interface KeptHostsOptions {
  readonly store: MapHostStore;
  readonly world: string;
}

/**
 * Stores which map-server hosts which map, for the next process of this char-server. The stored assignment
 * only helps players to stay on their map-servers. So no caller waits for the write, and a failed write is
 * repeated.
 */
export class KeptHosts {
  readonly #host: Pick<Host, "clock" | "log" | "failed">;
  readonly #options: KeptHostsOptions;
  #newest: Assignment | null = null;
  #isStoring = false;
  #isStopped = false;

  constructor(host: Pick<Host, "clock" | "log" | "failed">, options: KeptHostsOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** Repeats the read until the store answers. Null: `stop` was called before that. */
  load(): Promise<Assignment | null> {
    const { store, world } = this.#options;
    return this.#insist(() => store.load(world));
  }

  keep(assignment: Assignment): void {
    this.#newest = assignment;
    if (!this.#isStoring) this.#storeAll().catch(this.#host.failed);
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #storeAll(): Promise<void> {
    const { store, world } = this.#options;
    this.#isStoring = true;
    while (this.#newest !== null && !this.#isStopped) {
      await this.#insist(async () => {
        const storing = this.#newest ?? new Map();
        await store.store(world, storing);
        if (this.#newest === storing) this.#newest = null;
      });
    }
    this.#isStoring = false;
  }

  #insist<T>(ask: () => Promise<T>): Promise<T | null> {
    const waits = "hosts of maps not stored in Postgres yet";
    return untilAvailable(this.#host, ask, { waits, isOver: () => this.#isStopped });
  }
}
