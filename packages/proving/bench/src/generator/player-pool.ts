import { delay, systemClock } from "@sallyport/clock";
import { type Asker, openAsker } from "./asker.ts";
import { decideByHand, decideByTable } from "./decide.ts";
import { hashPassword } from "./hash-password.ts";
import * as native from "./native.ts";
import type { Load } from "./orders.ts";
import * as ragnarok from "./ragnarok.ts";
import { receive } from "./receive.ts";
import type { Tally } from "./tally.ts";

/**
 * The pause after a failure, in milliseconds. Without it, clients would send requests without any pause to a
 * server that is down.
 */
const pauseMs = 250;

const wires = { native, ragnarok };

/** Clients that play without pauses: when a client has finished an act, it begins the next one at once. */
export class PlayerPool {
  readonly #load: Load;
  readonly #tally: Tally;
  readonly #waiting: string[];
  #begun = 0;
  #isStopped = false;
  #asker: Promise<Asker> | null = null;
  readonly #ended: Promise<unknown>;

  constructor(load: Load, tally: Tally) {
    this.#load = load;
    this.#tally = tally;
    this.#waiting = [...load.accounts];
    this.#ended = Promise.all(Array.from({ length: load.clients }, () => this.#play()));
  }

  stop(): void {
    this.#isStopped = true;
  }

  async untilEnded(): Promise<void> {
    await this.#ended;
    (await this.#asker)?.close();
  }

  async #play(): Promise<void> {
    const { timesMax } = this.#load;
    while (!this.#isStopped && (timesMax === null || this.#begun < timesMax)) {
      const account = this.#waiting.shift();
      if (account === undefined) throw new Error("there are fewer accounts than clients");
      this.#begun += 1;
      const isWell = await this.#tally.time(() => this.#act(account));
      if (!isWell) await delay(systemClock, pauseMs);
      this.#waiting.push(account);
    }
  }

  async #act(account: string): Promise<unknown> {
    const { act } = this.#load;
    const { received } = this.#tally;
    switch (act.type) {
      case "hop":
        return wires[act.wire].hop({ ...act, account, received });
      case "log in":
        return wires[act.wire].logIn({ ...act, account, received });
      case "receive":
        return receive(act.map, received);
      case "hash":
        return hashPassword(account);
      case "ask":
        this.#asker ??= openAsker(act.by, act.address);
        return (await this.#asker).ask();
      case "decide":
        // The event loop must run between two acts, so that the generator can read orders.
        await new Promise((resolve) => setImmediate(resolve));
        return act.by === "table" ? decideByTable() : decideByHand();
    }
  }
}
