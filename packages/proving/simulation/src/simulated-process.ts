import type { Clock } from "@sallyport/clock";
import type { EventLoop } from "./event-loop.ts";

/**
 * Connects one process of a server or client with the rest of the cluster. A killed process does nothing
 * more. A paused process does nothing until it is resumed. Then all waiting input arrives at once, in order.
 */
export class SimulatedProcess {
  readonly name: string;
  /** The name with a number, such as `map-1#2`. Two processes of one server have different numbers. */
  readonly life: string;
  /** The part of the name before the number, such as `map` for `map-2`. */
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

  /**
   * `aheadMs` is the age of the process's monotonic clock at the start of the simulation. `drift` is the
   * share by which this clock runs fast.
   */
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

  /**
   * Runs `run` now. If the process is paused, `run` waits for the end of the pause. If the process is dead,
   * `run` never runs.
   */
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

  /** Calls `then` at the `count`-th boundary from now. `boundary` says what a boundary is. */
  stopAtBoundary(count: number, then: (where: string) => void): void {
    this.#boundariesLeft = count;
    this.#atBoundary = then;
  }

  /**
   * Called at each boundary. There are two kinds. 1: before the process sends a request. 2: after a request
   * was carried out, but before the process knows the result.
   */
  boundary(where: string): void {
    if (this.#isDead) return;
    this.#boundariesLeft -= 1;
    if (this.#boundariesLeft === 0) this.#atBoundary(where);
  }

  #after(delayMs: number, run: () => void): () => void {
    let isStopped = false;
    const stop = this.#loop.after(delayMs / this.#rate, () => {
      // If the process is paused, the timer waits for the end of the pause. A message that stops the timer
      // can arrive first.
      if (!this.#isDead) this.deliver(() => isStopped || run());
    });
    return () => {
      isStopped = true;
      stop();
    };
  }
}
