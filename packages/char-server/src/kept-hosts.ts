import type { MapHostStore } from "@sallyport/database";
import { type Clock, delay } from "@sallyport/link";
import { isUnavailable, type Log } from "@sallyport/server-kit";
import type { Assignment } from "./assign-maps.ts";

export interface KeptHostsOptions {
  readonly store: MapHostStore;
  readonly world: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly failed: (error: unknown) => void;
}

const retryMs = 1_000;

/**
 * The hosts of maps, over the death of this process. Nothing rests on it but that players stay where they are: so
 * nobody waits until it is stored, and what could not be is tried again.
 */
export class KeptHosts {
  readonly #options: KeptHostsOptions;
  #newest: Assignment | null = null;
  #isStoring = false;
  #isStopped = false;

  constructor(options: KeptHostsOptions) {
    this.#options = options;
  }

  /** Tried until the store answers; null: stopped before. */
  load(): Promise<Assignment | null> {
    const { store, world } = this.#options;
    return this.#insist(() => store.load(world));
  }

  keep(assignment: Assignment): void {
    this.#newest = assignment;
    if (!this.#isStoring) this.#storeAll().catch(this.#options.failed);
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

  async #insist<T>(ask: () => Promise<T>): Promise<T | null> {
    const { clock, log } = this.#options;
    while (!this.#isStopped) {
      try {
        return await ask();
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        log.warn({ err: error }, "the hosts of maps are not known to the database yet");
        await delay(clock, retryMs);
      }
    }
    return null;
  }
}
