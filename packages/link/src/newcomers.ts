import { addressOf } from "./client-address.ts";
import type { Clock } from "./clock.ts";

export interface NewcomerBounds {
  readonly withinMs: number;
  readonly countMax: number;
  /** Of one address, as `addressOf` counts. */
  readonly perAddressMax: number;
}

/**
 * Those who came and have not yet shown that they are of use. Bounded in time and in number, so that whoever only
 * comes keeps nobody else out: past the bound of its address the oldest from there has to go, and past that of all
 * the oldest of the address that has most.
 */
export class Newcomers {
  readonly #bounds: NewcomerBounds;
  readonly #clock: Clock;
  /** Oldest first, by address. */
  readonly #from = new Map<string, Set<(why: string) => void>>();
  #count = 0;

  constructor(bounds: NewcomerBounds, clock: Clock) {
    this.#bounds = bounds;
    this.#clock = clock;
  }

  get count(): number {
    return this.#count;
  }

  /** Calls `end` once, if it has to go. Returns what says that it need not any more, or is gone. */
  begin(remote: string, end: (why: string) => void): () => void {
    const { withinMs, countMax, perAddressMax } = this.#bounds;
    const address = addressOf(remote);
    const mates = this.#from.get(address) ?? new Set();
    const done = (): void => {
      if (!mates.delete(go)) return;
      stopWaiting();
      this.#count -= 1;
      if (mates.size === 0) this.#from.delete(address);
    };
    const go = (why: string): void => {
      done();
      end(why);
    };
    const stopWaiting = this.#clock.after(withinMs, () => go(`took longer than ${withinMs} ms`));
    mates.add(go);
    this.#from.set(address, mates);
    this.#count += 1;
    if (mates.size > perAddressMax) sendOldest(mates, "too many of one address at once");
    else if (this.#count > countMax) sendOldest(this.#most(), "too many at once");
    return done;
  }

  #most(): Set<(why: string) => void> {
    let most = new Set<(why: string) => void>();
    for (const mates of this.#from.values()) if (mates.size > most.size) most = mates;
    return most;
  }
}

function sendOldest(mates: ReadonlySet<(why: string) => void>, why: string): void {
  const [oldest] = mates;
  oldest?.(why);
}
