import type { Clock } from "@sallyport/clock";
import { Unavailable } from "@sallyport/domain";

export interface Reading<T> {
  readonly value: T;
  /** When the read began, on the monotonic clock. */
  readonly readMs: number;
}

interface KeptOptions<T> {
  readonly clock: Pick<Clock, "nowMs">;
  /** A value is read anew when it is asked for and older than this, in milliseconds. */
  readonly forMs: number;
  readonly read: () => Promise<Reading<T>>;
  /** Whether an older value serves while the store does not answer. */
  readonly isUsable: (value: T) => boolean;
}

/** A value from the store that is kept for a while. Callers at the same time wait for one read. */
export class Kept<T> {
  readonly #options: KeptOptions<T>;
  #newest: Reading<T> | null = null;
  #reading: Promise<T> | null = null;

  constructor(options: KeptOptions<T>) {
    this.#options = options;
  }

  /** Throws `Unavailable`. */
  async current(): Promise<T> {
    const { clock, forMs, isUsable } = this.#options;
    const kept = this.#newest;
    if (kept !== null && clock.nowMs() - kept.readMs < forMs) return kept.value;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    try {
      return await this.#reading;
    } catch (error) {
      if (!(error instanceof Unavailable) || kept === null || !isUsable(kept.value)) throw error;
      return kept.value;
    }
  }

  /** Resolves when nothing is being read. */
  async settled(): Promise<void> {
    await this.#reading?.catch(() => null);
  }

  async #read(): Promise<T> {
    this.#newest = await this.#options.read();
    return this.#newest.value;
  }
}
