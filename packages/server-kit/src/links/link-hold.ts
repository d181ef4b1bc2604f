import type { Clock } from "@sallyport/clock";

export interface LinkHoldOptions {
  readonly clock: Clock;
  /**
   * Called when this server no longer owns its locks. The callback must drop everything that depends on the
   * locks.
   */
  readonly ended: () => void;
}

const askEveryMaxMs = 250;
/**
 * Minimum number of questions that this server asks during a hold. A single unanswered question proves
 * nothing.
 */
const questions = 10;
/**
 * This server relies on its locks only for this part of the other server's waiting time. The rest is a
 * reserve, because clocks differ in speed and timers fire late.
 */
const part = 0.98;
/** Maximum time that is reserved for linking again, if this server comes back at the last moment. */
const relinkMaxMs = 1_000;

/**
 * Returns how long the other server has to wait, so that this server can come back after a pause of `awayMs`.
 * The newest answered question may have been sent two periods of questions before the pause began, and
 * linking again takes time.
 */
export function waitMsFor(awayMs: number): number {
  const unheardMs = 2 * Math.min(askEveryMaxMs, 0.15 * awayMs);
  const relinkMs = Math.min(relinkMaxMs, 0.2 * awayMs);
  return Math.ceil((awayMs + unheardMs + relinkMs) / part);
}

/**
 * Decides whether this server still owns its locks. After the link is lost, the other server waits for a time
 * that it announced at the admission. Then the other server may give the locks away. This server cannot know
 * when the other server lost the link, or when the other server sent an answer. So this server measures the
 * time from the moment when it *sent* the newest answered question, on the monotonic clock. A process that
 * was paused notices at its next check that the time is over.
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

  /**
   * Begins the hold after an admission. `askedMs`: the time when this server sent its request for admission.
   */
  begin(askedMs: number, reconnectMs: number): void {
    this.#stopAsking();
    this.#isHolding = true;
    this.#goodMs = askedMs;
    this.#lastsMs = reconnectMs * part;
    this.#rearm();
  }

  /**
   * Calls `ask` periodically, until the hold ends or begins again. `ask` resolves to true if the other server
   * answered.
   */
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

  /** Ends the hold without calling `ended`. Call this when this server owns no more locks. */
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
