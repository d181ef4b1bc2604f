import type { Clock } from "@sallyport/clock";
import { Unavailable } from "@sallyport/domain";

/**
 * Limits log lines that each request can cause. For example, every login is refused while a store does not
 * answer. In each second, the first lines are written at once. All further lines are only counted. At the end
 * of the second, the newest counted line is written together with the count.
 */

/** Maximum number of lines in one second for each message. The line with the count is included. */
export const linesPerSecond: ReadonlyMap<string, number> = new Map([
  ["a store did not answer", 1],
  ["an expired lock could not be freed; trying again", 1],
  ["lost a connection to Postgres", 1],
  ["a row in Postgres cannot be used", 10],
  ["account lock not released yet", 10],
  ["player not saved yet", 10],
  ["map-server declined a character", 10],
  ["a change of a world state was not made", 10],
  ["player could not move to another map-server", 10],
  ["no link: the TLS handshake failed", 10],
  ["char-server was refused", 50],
  ["map-server was refused", 50],
  ["login refused", 50],
  ["a request could not be read", 10],
]);

/**
 * Writes a line. `times` is the number of lines that it stands for. Null means that it stands only for
 * itself.
 */
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
   * Each entry counts the lines of one second. The key consists of the message, the type of the error and the
   * store.
   */
  readonly #seconds = new Map<string, Second>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Lines with different types of errors, or errors of different stores, are counted separately. */
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
      // The line with the count is the first line of the next second.
      this.#begin(key, { written: 1, heldBack: 0, writeLast });
      writeLast(heldBack);
    });
  }
}
