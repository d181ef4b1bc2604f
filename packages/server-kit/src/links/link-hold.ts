import type { Clock } from "@sallyport/clock";

export interface LinkHoldOptions {
  readonly clock: Clock;
  /** Everything that was held must be dropped now. */
  readonly ended: () => void;
}

const askEveryMaxMs = 250;
/** A single unanswered request means nothing; several must go unanswered. */
const questions = 10;
/** The share of the other end's waiting time that is used here: clocks differ, and timers are late. */
const part = 0.98;
/** The time that a server which comes back at the last moment has to link again. */
const relinkMaxMs = 1_000;

/**
 * How long the other end has to wait for a server, so that a server which stood still for `awayMs` can still
 * come back. The last question before the standstill may be two periods old, and linking again takes a while.
 */
export function waitMsFor(awayMs: number): number {
  const unheardMs = 2 * Math.min(askEveryMaxMs, 0.15 * awayMs);
  const relinkMs = Math.min(relinkMaxMs, 0.2 * awayMs);
  return Math.ceil((awayMs + unheardMs + relinkMs) / part);
}

/**
 * Decides whether this server still owns what it holds. After the link is gone, the other end waits for a
 * time that it announced. We cannot see when the other end lost the link, nor when it sent what arrives. So
 * the time runs from when we *sent* the newest question that it answered, on the monotonic clock. A process
 * that was paused finds at its next check that the time is over.
 */
export class LinkHold {
  readonly #options: LinkHoldOptions;
  #isHolding = false;
  #goodMs = 0;
  #lastsMs = 0;
  #stopTimer: () => void = () => {};
  #stopAsking: () => void = () => {};

  constructor(options: LinkHoldOptions) {
    this.#options = options;
  }

  get isHolding(): boolean {
    this.check();
    return this.#isHolding;
  }

  /** The server was admitted; the request for that was sent at `askedMs`. */
  begin(askedMs: number, reconnectMs: number): void {
    this.#stopAsking();
    this.#isHolding = true;
    this.#goodMs = askedMs;
    this.#lastsMs = reconnectMs * part;
    this.#rearm();
  }

  /** Keeps asking until the next `begin`. `ask` resolves to whether there was an answer. */
  keepAlive(ask: () => Promise<boolean>): void {
    const { clock } = this.#options;
    const askOnce = async (): Promise<void> => {
      const askedMs = clock.nowMs();
      if ((await ask()) && this.#isHolding) this.#goodMs = Math.max(this.#goodMs, askedMs);
    };
    this.#stopAsking();
    const everyMs = Math.min(askEveryMaxMs, Math.max(20, this.#lastsMs / questions));
    this.#stopAsking = clock.every(everyMs, () => void askOnce());
    void askOnce();
  }

  /** Ends the hold if its time is over. Call this before code that depends on the hold. */
  check(): void {
    if (this.#isHolding && this.#leftMs() <= 0) this.giveUp();
  }

  giveUp(): void {
    if (!this.#isHolding) return;
    this.release();
    this.#options.ended();
  }

  /** Ends the hold: this server owns no more locks. */
  release(): void {
    this.#isHolding = false;
    this.#stopTimer();
    this.#stopAsking();
  }

  #leftMs(): number {
    return this.#goodMs + this.#lastsMs - this.#options.clock.nowMs();
  }

  #rearm(): void {
    this.#stopTimer();
    this.#stopTimer = this.#options.clock.after(Math.max(1, this.#leftMs()), () => {
      this.check();
      if (this.#isHolding) this.#rearm();
    });
  }
}
