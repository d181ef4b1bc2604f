/**
 * How often a client may send a command of its game. After a pause, the commands of one second can come at
 * once.
 */
export class CommandRate {
  readonly #everyMs: number;
  /** The time that the commands so far have used up, at one command every `#everyMs`. */
  #untilMs = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number) {
    this.#everyMs = 1_000 / perSecond;
  }

  /** Counts a command. Returns 0, or the milliseconds after which the command is heard. */
  waitMs(nowMs: number): number {
    const untilMs = Math.max(this.#untilMs, nowMs - 1_000) + this.#everyMs;
    if (untilMs > nowMs) return Math.ceil(untilMs - nowMs);
    this.#untilMs = untilMs;
    return 0;
  }
}
