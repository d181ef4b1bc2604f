import { characterLockKey } from "@sallyport/lock-core";
import { type Disturbances, nameOf, wholePathOf } from "../disturbances.ts";
import type { StoredLock } from "../facts.ts";
import { isChar, worldOf } from "../topology.ts";
import type { Checker, Rules } from "./checker.ts";
import type { KnownLocks } from "./known-locks.ts";
import type { Visits } from "./visits.ts";

export interface HeldAccountsOptions {
  readonly visits: Visits;
  readonly locks: KnownLocks;
  readonly disturbances: Disturbances;
  /**
   * Within this many milliseconds after a planned failure, a char-server knows which accounts it need not
   * hold.
   */
  readonly settledMs: number;
}

/** Milliseconds for a release of an account, with a pause before a second attempt. */
const releaseMs = 1_500;
const lookEveryMs = 50;

/**
 * A char-server holds an account only while a client of its login is at the char door or has a character in
 * the world.
 */
export class HeldAccounts implements Checker {
  readonly name = "held-accounts";
  readonly #options: HeldAccountsOptions;
  /** The key is an account. The value is the time since when the char-server has held it without need. */
  #idle = new Map<string, number>();
  #lookedMs = 0;

  constructor(options: HeldAccountsOptions) {
    this.#options = options;
  }

  readonly rules: Rules = {
    // The char-server may not know of locks that reappear after a loss.
    "locks-lost": () => {
      this.#idle.clear();
      return null;
    },
    // Servers send messages all the time, so this check runs often.
    said: (_, nowMs) => {
      if (nowMs < this.#lookedMs + lookEveryMs) return null;
      this.#lookedMs = nowMs;
      return this.#look(nowMs);
    },
  };

  #look(nowMs: number): string | null {
    const before = this.#idle;
    this.#idle = new Map();
    for (const [accountId, lock] of this.#options.locks.ofKind("login", "account")) {
      if (lock.state !== "held" || lock.owner === undefined || this.#isUsed(accountId, lock)) continue;
      const login = `${accountId} ${lock.loginId1}`;
      const sinceMs = before.get(login) ?? nowMs;
      this.#idle.set(login, sinceMs);
      if (nowMs > this.#untilMs(lock.owner.server, sinceMs, nowMs))
        return `${lock.owner.server} has held account:${accountId} for ${Math.round(nowMs - sinceMs)} ms without a client: ${JSON.stringify(lock)}`;
    }
    return null;
  }

  #isUsed(accountId: string, { owner, loginId1 }: StoredLock): boolean {
    const server = owner?.server ?? "";
    if (!isChar(server)) return true;
    const { locks, visits } = this.#options;
    if (locks.of(worldOf(server), characterLockKey(Number(accountId)))?.loginId1 === loginId1) return true;
    for (const visit of visits.all) {
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
