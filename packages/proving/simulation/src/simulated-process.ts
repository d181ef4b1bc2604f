import type { Clock } from "@sallyport/clock";
import type { EventLoop } from "./event-loop.ts";

/**
 * All interfaces through which one life of a server or client reaches the world. A killed process does
 * nothing more. A paused one does nothing until it is resumed; then all pending input arrives at once, in
 * order.
 */
export class SimulatedProcess {
  readonly name: string;
  /** Two lives of the same server have different names. */
  readonly life: string;
  /** `map` for `map-2`. */
  readonly kind: string;
  readonly clock: Clock;
  readonly #loop: EventLoop;
  readonly #rate: number;
  #isDead = false;
  #isPaused = false;
  #held: (() => void)[] = [];
  #boundariesLeft = Number.POSITIVE_INFINITY;
  #atBoundary: (where: string) => void = () => {};
  readonly #onDeath = new Set<() => void>();

  /** `aheadMs`: how long ago its monotonic clock began. `drift`: the share by which that clock runs fast. */
  constructor(
    loop: EventLoop,
    name: string,
    life: number,
    { aheadMs, drift }: { readonly aheadMs: number; readonly drift: number },
  ) {
    this.name = name;
    this.life = `${name}#${life}`;
    this.kind = name.split("-")[0] ?? name;
    this.#loop = loop;
    this.#rate = 1 + drift;
    this.clock = {
      nowMs: () => loop.nowMs * this.#rate + aheadMs,
      after: (delayMs, run) => this.#after(delayMs, run),
      every: (periodMs, run) => {
        let isStopped = false;
        const tick = (): void => {
          if (isStopped) return;
          run();
          if (!isStopped) this.#after(periodMs, tick);
        };
        this.#after(periodMs, tick);
        return () => {
          isStopped = true;
        };
      },
    };
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Runs now, after a pause, or never. */
  deliver(run: () => void): void {
    if (this.#isDead) return;
    if (this.#isPaused) this.#held.push(run);
    else run();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    const held = this.#held;
    this.#held = [];
    for (const run of held) this.#loop.after(0, () => this.deliver(run));
  }

  kill(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#held = [];
    for (const died of this.#onDeath) died();
  }

  onDeath(run: () => void): void {
    this.#onDeath.add(run);
  }

  /** Calls `then` when the process reaches a store or the network for the `count`-th time from now. */
  stopAtBoundary(count: number, then: (where: string) => void): void {
    this.#boundariesLeft = count;
    this.#atBoundary = then;
  }

  /**
   * The process is about to send a request, or a request of its own was carried out and it does not know yet.
   */
  boundary(where: string): void {
    if (this.#isDead) return;
    this.#boundariesLeft -= 1;
    if (this.#boundariesLeft === 0) this.#atBoundary(where);
  }

  #after(delayMs: number, run: () => void): () => void {
    let isStopped = false;
    const stop = this.#loop.after(delayMs / this.#rate, () => {
      // A message that stops the timer may arrive first, after the pause.
      if (!this.#isDead) this.deliver(() => isStopped || run());
    });
    return () => {
      isStopped = true;
      stop();
    };
  }
}
