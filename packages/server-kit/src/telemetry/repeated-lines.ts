import type { Clock } from "@sallyport/clock";
import { Unavailable } from "@sallyport/domain";

/*
 * Log lines that any single request can cause, and therefore a flood of requests too: while a store is away,
 * every login is refused. The first lines in a second are written at once. The others are counted, and at the
 * end of that second the last of them is written with their number.
 */

/** Keyed by message: how many lines are written in one second, including the line with the number. */
export const linesPerSecond: ReadonlyMap<string, number> = new Map([
  ["a store did not answer", 1],
  ["an expired lock could not be freed; trying again", 1],
  ["lost a connection to Postgres", 1],
  ["a row in Postgres cannot be used", 10],
  ["account lock not released yet", 10],
  ["player not saved yet", 10],
  ["map-server declined a character", 10],
  ["player could not go on to another map-server", 10],
  ["no link: the TLS handshake failed", 10],
  ["char-server was refused", 50],
  ["map-server was refused", 50],
  ["login refused", 50],
]);

/** Writes a line. `times`: how many lines it stands for; null: only itself. */
export type WriteLine = (times: number | null) => void;

interface Second {
  written: number;
  heldBack: number;
  writeLast: WriteLine;
}

const secondMs = 1_000;

export class RepeatedLines {
  readonly #clock: Clock;
  /**
   * Keyed by message, kind of error and store. Those without a written line in the last second are not kept.
   */
  readonly #seconds = new Map<string, Second>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `error` separates lines that are caused by different stores. */
  write(message: string, error: unknown, write: WriteLine): void {
    const max = linesPerSecond.get(message);
    if (max === undefined) return write(null);
    const store = error instanceof Unavailable ? error.store : undefined;
    const key = error instanceof Error ? `${message}: ${error.name} ${store}` : message;
    const second = this.#seconds.get(key);
    if (second === undefined) {
      this.#begin(key, { written: 1, heldBack: 0, writeLast: write });
      write(null);
    } else if (second.written < max) {
      second.written += 1;
      write(null);
    } else {
      second.heldBack += 1;
      second.writeLast = write;
    }
  }

  #begin(key: string, second: Second): void {
    this.#seconds.set(key, second);
    this.#clock.after(secondMs, () => {
      const { heldBack, writeLast } = second;
      this.#seconds.delete(key);
      if (heldBack === 0) return;
      // This line is the first of the next second.
      this.#begin(key, { written: 1, heldBack: 0, writeLast });
      writeLast(heldBack);
    });
  }
}
