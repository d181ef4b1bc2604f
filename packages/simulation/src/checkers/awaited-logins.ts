import { type Disturbances, pathOf } from "../disturbances.ts";
import { statementMs } from "../latencies.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";

interface Login {
  readonly server: string;
  readonly name: string;
  /** When it was answered, or the server knew that its client was gone; null: it waits. */
  overMs: number | null;
}

/** How many statements may be under way, one after the other, when the server hears it: each only looks before the first. */
const underWay = { noted: 1, raised: 3, granted: 4, evicting: 4 } as const;

/** A login-server raises, evicts, grants and notes nothing for an account whose login nobody waits for there. */
export class AwaitedLogins implements Checker {
  readonly name = "awaited-logins";
  readonly #disturbances: Disturbances;
  /** By channel. */
  readonly #logins = new Map<number, Login>();
  readonly #names = new Map<number, Set<string>>();

  constructor(disturbances: Disturbances) {
    this.#disturbances = disturbances;
  }

  readonly rules: Rules = {
    said: ({ kind, channel, to, message }) => {
      const { type, name = "" } = message;
      if (kind === "request" && (type === "login.password" || type === "login.prove"))
        this.#logins.set(channel, { server: to, name, overMs: null });
      return null;
    },
    answered: ({ channel }, nowMs) => this.#end(channel, nowMs),
    "channel-heard": ({ channel, life }, nowMs) =>
      this.#logins.get(channel)?.server === life ? this.#end(channel, nowMs) : null,
    "account-found": ({ name, accountId }) => {
      this.#names.set(accountId, (this.#names.get(accountId) ?? new Set()).add(name));
      return null;
    },
    "account-raised": ({ life, accountId }, nowMs) => this.#judge(life, accountId, "raised", nowMs),
    "login-noted": ({ life, accountId }, nowMs) => this.#judge(life, accountId, "noted", nowMs),
    "lock-changed": (changed, nowMs) => this.#change(changed, nowMs),
  };

  #end(channel: number, nowMs: number): null {
    const login = this.#logins.get(channel);
    if (login !== undefined) login.overMs ??= nowMs;
    return null;
  }

  #change({ key, life, before, after }: FactOf<"lock-changed">, nowMs: number): string | null {
    const [kind, accountId] = key.split(":");
    if (kind !== "account" || after === null) return null;
    if (after.state === "granted" && before?.loginId1 !== after.loginId1)
      return this.#judge(life, Number(accountId), "granted", nowMs);
    const isEvicted = after.state === "evicting" && before?.state === "held";
    return isEvicted ? this.#judge(life, Number(accountId), "evicting", nowMs) : null;
  }

  #judge(life: string, accountId: number, what: keyof typeof underWay, nowMs: number): string | null {
    const names = this.#names.get(accountId);
    const lastMs = this.#disturbances.lastMs(pathOf(life), nowMs) ?? 0;
    const lateMs = underWay[what] * statementMs;
    const isAwaited = [...this.#logins.values()].some(
      ({ server, name, overMs }) =>
        server === life &&
        names?.has(name) === true &&
        (overMs === null || nowMs <= Math.max(overMs, lastMs) + lateMs),
    );
    if (isAwaited) return null;
    return `${life}: account ${accountId} ${what}, though nobody waits there for a login to it`;
  }
}
