import type { Clock } from "@sallyport/clock";

export interface NewcomerBounds {
  readonly withinMs: number;
  readonly countMax: number;
  /** Maximum number of newcomers from one address. `addressOf` returns this address. */
  readonly perAddressMax: number;
}

/** The bound that a newcomer exceeded: its time, the number from its address, or the total number. */
export type NewcomerBound = "late" | "newcomers-of-address" | "newcomers";

type End = (why: string, bound: NewcomerBound) => void;

/**
 * Connections that have not proved useful yet. Their time and their number are bounded, so that useless
 * connections do not keep others out. If one address has too many newcomers, its oldest newcomer must leave.
 * If there are too many in total, the address with the most newcomers loses its oldest one.
 */
export class Newcomers {
  readonly #bounds: NewcomerBounds;
  readonly #clock: Clock;
  /** The newcomers of each address, oldest first. */
  readonly #from = new Map<string, Set<End>>();
  #count = 0;

  constructor(bounds: NewcomerBounds, clock: Clock) {
    this.#bounds = bounds;
    this.#clock = clock;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Calls `end` once if the newcomer must leave. The caller must call the returned function when the
   * connection has proved useful or is gone. `address` must come from `addressOf`.
   */
  begin(address: string, end: End): () => void {
    const { withinMs, countMax, perAddressMax } = this.#bounds;
    const mates: Set<End> = this.#from.get(address) ?? new Set();
    const done = (): void => {
      if (!mates.delete(go)) return;
      stopWaiting();
      this.#count -= 1;
      if (mates.size === 0) this.#from.delete(address);
    };
    const go: End = (why, bound) => {
      done();
      end(why, bound);
    };
    const stopWaiting = this.#clock.after(withinMs, () => go(`took longer than ${withinMs} ms`, "late"));
    mates.add(go);
    this.#from.set(address, mates);
    this.#count += 1;
    if (mates.size > perAddressMax)
      sendOldest(mates, "too many of one address at once", "newcomers-of-address");
    else if (this.#count > countMax) sendOldest(this.#most(), "too many at once", "newcomers");
    return done;
  }

  #most(): Set<End> {
    let most = new Set<End>();
    for (const mates of this.#from.values()) if (mates.size > most.size) most = mates;
    return most;
  }
}

function sendOldest(mates: ReadonlySet<End>, ...why: Parameters<End>): void {
  const [oldest] = mates;
  oldest?.(...why);
}
