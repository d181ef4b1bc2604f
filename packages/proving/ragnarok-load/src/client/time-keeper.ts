import type { Clock } from "@sallyport/sdk";
import type { Complaint } from "./units-seen.ts";

const everyMs = 12_000;
const unansweredMsMax = 40_000;

/** Asks the map-server for its time, like real clients do. Gives up if it gets no answer. */
export class TimeKeeper {
  readonly #clock: Clock;
  readonly #startedMs: number;
  #cancelAsking: (() => void) | null = null;
  #cancelDeadline: (() => void) | null = null;
  #giveUp: ((why: string) => void) | null = null;
  #heard: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedMs = clock.nowMs();
  }

  /** The client's own time, which its packets contain: milliseconds modulo 2^32. */
  get tick(): number {
    return Math.floor(this.#clock.nowMs() - this.#startedMs) >>> 0;
  }

  start(ask: () => void, giveUp: (why: string) => void): void {
    this.stop();
    this.#giveUp = giveUp;
    this.#cancelAsking = this.#clock.every(everyMs, ask);
    this.#expect();
    ask();
  }

  hear(tick: number): Complaint[] {
    const before = this.#heard;
    this.#heard = tick;
    this.#expect();
    // Ticks wrap around after 49 days.
    const hasGoneBack = before !== null && ((tick - before) | 0) < 0;
    return hasGoneBack ? [["time-backwards", `${before}, then ${tick}`]] : [];
  }

  stop(): void {
    this.#cancelAsking?.();
    this.#cancelDeadline?.();
    this.#cancelAsking = null;
    this.#cancelDeadline = null;
    this.#giveUp = null;
    this.#heard = null;
  }

  #expect(): void {
    const giveUp = this.#giveUp;
    if (giveUp === null) return;
    this.#cancelDeadline?.();
    this.#cancelDeadline = this.#clock.after(unansweredMsMax, () =>
      giveUp(`no 007f in ${unansweredMsMax} ms`),
    );
  }
}
