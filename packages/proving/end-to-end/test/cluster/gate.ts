import { until } from "@sallyport/testkit";
import type { Around } from "./life.ts";

export type Place = "before" | "after";

/** Delays a request of a server to a store. `Around` explains the names of requests. */
export class Gate {
  readonly #held = new Map<string, Hold>();

  readonly around: Around = async (what, run) => {
    await this.#held.get(`before ${what}`)?.pass();
    const value = await run();
    await this.#held.get(`after ${what}`)?.pass();
    return value;
  };

  /** Holds the next request of this name. All other requests pass. */
  hold(place: Place, what: string): Hold {
    const hold = new Hold(`${place} ${what}`);
    this.#held.set(hold.name, hold);
    return hold;
  }
}

export class Hold {
  readonly name: string;
  #isReached = false;
  #open: () => void = () => {};
  readonly #opened: Promise<void>;

  constructor(name: string) {
    this.name = name;
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  async pass(): Promise<void> {
    if (this.#isReached) return;
    this.#isReached = true;
    await this.#opened;
  }

  async reached(): Promise<void> {
    await until(() => this.#isReached, { what: `a server comes to ${this.name}` });
  }

  open(): void {
    this.#open();
  }
}
