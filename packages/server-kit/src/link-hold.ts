import type { Clock } from "@sallyport/link";

export interface LinkHoldOptions {
  readonly clock: Clock;
  /** What was held has to be let go of, now. */
  readonly ended: () => void;
}

const askEveryMaxMs = 250;
/** Several questions have to go unanswered before that means anything. */
const questions = 10;
/** Of the time that the other end waits: clocks go differently, and timers come late. */
const part = 0.98;
/** For a server that goes on at the last moment: until it is linked again. */
const relinkMaxMs = 1_000;

/**
 * How long the other end has to wait for a server, so that one which stood still for `awayMs` can still come back: the last
 * question before that may be two periods old, and it takes a while to link again.
 */
export function waitMsFor(awayMs: number): number {
  const unheardMs = 2 * Math.min(askEveryMaxMs, 0.15 * awayMs);
  const relinkMs = Math.min(relinkMaxMs, 0.2 * awayMs);
  return Math.ceil((awayMs + unheardMs + relinkMs) / part);
}

/**
 * Whether what a server holds is still its own, by its own count. The other end waits for it, from when the link is
 * gone, a time that it told. When it saw the link go is not known here, nor when what arrives was sent; but what it
 * answers it was asked before that. So the time runs from the newest question that was answered, on the monotonic
 * clock, and a process that was paused finds it over as soon as it asks.
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

  /** Admitted, by what was asked then. */
  begin(askedMs: number, reconnectMs: number): void {
    this.#stopAsking();
    this.#isHolding = true;
    this.#goodMs = askedMs;
    this.#lastsMs = reconnectMs * part;
    this.#rearm();
  }

  /** Asks on until the next `begin`; `ask` resolves to whether that was answered. */
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

  /** Ends it if its time is over: before anything is done that rests on it. */
  check(): void {
    if (this.#isHolding && this.#leftMs() <= 0) this.giveUp();
  }

  giveUp(): void {
    if (!this.#isHolding) return;
    this.release();
    this.#options.ended();
  }

  /** Nothing is held any more. */
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
