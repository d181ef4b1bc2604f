import { type Disturbances, nameOf, wholePathOf } from "../disturbances.ts";
import type { StoredLock } from "../facts.ts";
import { isChar, worldOf } from "../topology.ts";
import type { Checker, Rules } from "./checker.ts";
import type { Visits } from "./visits.ts";

export interface HeldAccountsOptions {
  readonly visits: Visits;
  readonly disturbances: Disturbances;
  /** Within this time after a fault a char-server finds out which accounts it need not hold. */
  readonly settledMs: number;
}

/** Time to give an account back, with a pause before a second try. */
const releaseMs = 1_500;
const lookEveryMs = 50;

/**
 * A char-server holds an account only while a client of that login is at its door or has a character in its
 * world.
 */
export class HeldAccounts implements Checker {
  readonly name = "held-accounts";
  readonly #options: HeldAccountsOptions;
  readonly #accounts = new Map<string, StoredLock>();
  /** Keyed by tier and key. */
  readonly #characters = new Map<string, StoredLock>();
  /** Keyed by account: since when the char-server holds it without need. */
  #idle = new Map<string, number>();
  #lookedMs = 0;

  constructor(options: HeldAccountsOptions) {
    this.#options = options;
  }

  readonly rules: Rules = {
    // The char-server may not know of locks that come back.
    "locks-lost": ({ tier, locks }) => {
      this.#idle.clear();
      const kept = tier === "login" ? this.#accounts : this.#characters;
      for (const key of kept.keys()) if (tier === "login" || key.startsWith(`${tier} `)) kept.delete(key);
      for (const [key, lock] of locks) if (!key.startsWith("server:")) this.#note(tier, key, lock);
      return null;
    },
    "lock-changed": ({ tier, key, after }) => {
      if (!key.startsWith("server:")) this.#note(tier, key, after);
      return null;
    },
    // Links carry messages all the time, so this runs often.
    said: (_, nowMs) => {
      if (nowMs < this.#lookedMs + lookEveryMs) return null;
      this.#lookedMs = nowMs;
      return this.#look(nowMs);
    },
  };

  #note(tier: string, key: string, lock: StoredLock | null): void {
    const [kept, name] = tier === "login" ? [this.#accounts, key] : [this.#characters, `${tier} ${key}`];
    if (lock === null) kept.delete(name);
    else kept.set(name, lock);
  }

  #look(nowMs: number): string | null {
    const before = this.#idle;
    this.#idle = new Map();
    for (const [key, lock] of this.#accounts) {
      if (lock.state !== "held" || lock.owner === undefined || this.#isUsed(key, lock)) continue;
      const login = `${key} ${lock.loginId1}`;
      const sinceMs = before.get(login) ?? nowMs;
      this.#idle.set(login, sinceMs);
      if (nowMs > this.#untilMs(lock.owner.server, sinceMs, nowMs))
        return `${key} is held by ${lock.owner.server} for nobody, for ${Math.round(nowMs - sinceMs)} ms: ${JSON.stringify(lock)}`;
    }
    return null;
  }

  #isUsed(key: string, { owner, loginId1 }: StoredLock): boolean {
    const server = owner?.server ?? "";
    const [, accountId] = key.split(":");
    if (!isChar(server)) return true;
    if (this.#characters.get(`${worldOf(server)} character:${accountId}`)?.loginId1 === loginId1) return true;
    for (const visit of this.#options.visits.all) {
      const isAtDoor = visit.door === "char" && visit.phase !== "over" && nameOf(visit.server) === server;
      if (isAtDoor && visit.loginId1 === loginId1) return true;
    }
    return false;
  }

  #untilMs(server: string, sinceMs: number, nowMs: number): number {
    const { disturbances, settledMs } = this.#options;
    const path = wholePathOf(server);
    if (disturbances.areCalm(path, sinceMs)) return sinceMs + releaseMs;
    return Math.max(sinceMs, disturbances.lastMs(path, nowMs) ?? sinceMs) + settledMs;
  }
}
