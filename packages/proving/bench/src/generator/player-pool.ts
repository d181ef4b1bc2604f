import { HopFailed, hop } from "./hop.ts";
import type { Count, HopLoad } from "./orders.ts";

/** After a failure. Otherwise clients would ask a server that is down in a tight loop. */
const pauseMs = 250;

/** So many clients in a closed loop: each begins a hop when it has finished the last one. */
export class PlayerPool {
  readonly #load: HopLoad;
  readonly #waiting: string[];
  #begun = 0;
  #isStopped = false;
  #durationsMs: number[] = [];
  #failures: Record<string, number> = {};
  #bytes = 0;
  readonly #ended: Promise<unknown>;

  constructor(load: HopLoad) {
    this.#load = load;
    this.#waiting = [...load.accounts];
    this.#ended = Promise.all(Array.from({ length: load.clients }, () => this.#play()));
  }

  stop(): void {
    this.#isStopped = true;
  }

  async untilEnded(): Promise<void> {
    await this.#ended;
  }

  /** What happened since the last call. */
  count(): Count {
    const count = { durationsMs: this.#durationsMs, failures: this.#failures, bytes: this.#bytes };
    this.#durationsMs = [];
    this.#failures = {};
    this.#bytes = 0;
    return count;
  }

  async #play(): Promise<void> {
    const { login, password, hopsMax } = this.#load;
    const received = (bytes: number): void => {
      this.#bytes += bytes;
    };
    while (!this.#isStopped && (hopsMax === null || this.#begun < hopsMax)) {
      const account = this.#waiting.shift();
      if (account === undefined) throw new Error("there are fewer accounts than clients");
      this.#begun += 1;
      const startedMs = performance.now();
      try {
        await hop({ login, password, account, received });
        this.#durationsMs.push(performance.now() - startedMs);
      } catch (error) {
        if (!(error instanceof HopFailed)) throw error;
        this.#failures[error.message] = (this.#failures[error.message] ?? 0) + 1;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
      this.#waiting.push(account);
    }
  }
}
