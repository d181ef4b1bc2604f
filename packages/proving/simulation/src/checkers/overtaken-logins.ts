import { type Disturbances, nameOf, pathOf } from "../disturbances.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";

interface Attempt {
  readonly server: string;
  readonly client: string;
  readonly name: string;
  readonly sinceMs: number;
}

/** Within this many milliseconds after its request, a login waits for its turn. */
const turnMs = 250;

/**
 * If several logins wait for one account at one login-server, only the newest keeps waiting. The others are
 * answered.
 */
export class OvertakenLogins implements Checker {
  readonly name = "overtaken-logins";
  readonly #disturbances: Disturbances;
  /** The logins that wait, keyed by channel. */
  readonly #attempts = new Map<number, Attempt>();
  readonly #accounts = new Map<string, number>();

  constructor(disturbances: Disturbances) {
    this.#disturbances = disturbances;
  }

  readonly rules: Rules = {
    said: ({ kind, channel, life, to, message: { type, name = "" } }, nowMs) => {
      if (kind === "request" && (type === "login.password" || type === "login.prove"))
        this.#attempts.set(channel, { server: to, client: life, name, sinceMs: nowMs });
      return this.#judge(nowMs);
    },
    answered: ({ channel }) => this.#end(channel),
    "channel-over": ({ channel }) => this.#end(channel),
    "channel-heard": ({ channel }) => this.#end(channel),
    "account-found": ({ name, accountId }: FactOf<"account-found">) => {
      this.#accounts.set(name, accountId);
      return null;
    },
    died: ({ life }) => {
      for (const [channel, { server }] of this.#attempts) if (server === life) this.#attempts.delete(channel);
      return null;
    },
  };

  #end(channel: number): null {
    this.#attempts.delete(channel);
    return null;
  }

  #judge(nowMs: number): string | null {
    for (const newer of this.#attempts.values()) {
      const accountId = this.#accounts.get(newer.name);
      if (accountId === undefined || nowMs <= newer.sinceMs + turnMs) continue;
      for (const older of this.#attempts.values()) {
        const isBefore = older.server === newer.server && older.sinceMs < newer.sinceMs;
        if (!isBefore || this.#accounts.get(older.name) !== accountId) continue;
        const path = [...pathOf(newer.server), nameOf(newer.client), nameOf(older.client)];
        const lastMs = this.#disturbances.lastMs(path, nowMs) ?? Number.NEGATIVE_INFINITY;
        if (nowMs > lastMs + turnMs)
          return `${older.client} and ${newer.client} both wait at ${newer.server} for account ${accountId}, and the older one was not told`;
      }
    }
    return null;
  }
}
