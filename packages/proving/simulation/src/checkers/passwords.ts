import type { Credential } from "@sallyport/authentication";
import { accountLockKey } from "@sallyport/lock-core";
import { isPasswordOf } from "../cheap-passwords.ts";
import { type Disturbances, wholePathOf } from "../disturbances.ts";
import { loginNames } from "../topology.ts";
import type { Checker, Rules } from "./checker.ts";
import type { KnownLocks } from "./known-locks.ts";

interface Stored {
  readonly credential: Credential;
  /** Null: the database still has it. */
  untilMs: number | null;
}

interface Ending {
  readonly accountId: number;
  readonly fence: number;
  readonly sinceMs: number;
}

/**
 * A login shows a password that the database had during the login, on every login-server and whatever a server
 * remembers. A right password is not called wrong. A change that was confirmed is stored, and ends the older
 * login if that was asked for.
 */
export class Passwords implements Checker {
  readonly name = "passwords";
  readonly #locks: KnownLocks;
  readonly #disturbances: Disturbances;
  /** The credentials of each account, the oldest first. */
  readonly #stored = new Map<number, Stored[]>();
  readonly #accounts = new Map<string, number>();
  readonly #fences = new Map<number, number>();
  /** The changes that end logins, and the newest fence of the account when they began. */
  readonly #ending = new Map<string, Ending>();
  #hasLost = false;

  constructor(locks: KnownLocks, disturbances: Disturbances) {
    this.#locks = locks;
    this.#disturbances = disturbances;
  }

  readonly rules: Rules = {
    "password-stored": ({ accountId, credential }, nowMs) => {
      const all = this.#stored.get(accountId) ?? [];
      const last = all.at(-1);
      if (last !== undefined) last.untilMs = nowMs;
      this.#stored.set(accountId, [...all, { credential, untilMs: null }]);
      return null;
    },
    "account-found": ({ name, accountId }) => {
      this.#accounts.set(name, accountId);
      return null;
    },
    "account-raised": ({ accountId, fence }) => {
      this.#fences.set(accountId, fence);
      return null;
    },
    "locks-lost": ({ tier }) => {
      this.#hasLost ||= tier === "login";
      return null;
    },
    "client-logged-in": ({ accountId, password, askedMs }) => {
      const valid = this.#since(accountId, askedMs);
      const isRight =
        valid.length === 0 || valid.some(({ credential }) => isPasswordOf(credential, password));
      return isRight ? null : `account ${accountId} was logged in to with another password: ${password}`;
    },
    "client-unknown": ({ name, password, askedMs }) => {
      const accountId = this.#accounts.get(name);
      const valid = accountId === undefined ? [] : this.#since(accountId, askedMs);
      const isRight = valid.length > 0 && valid.every(({ credential }) => isPasswordOf(credential, password));
      return isRight ? `the password of account ${accountId} was called wrong: ${password}` : null;
    },
    "client-changed-password": ({ accountId, password, askedMs, id }) =>
      this.#since(accountId, askedMs).some(({ credential }) => isPasswordOf(credential, password))
        ? this.#judgeEnd(id ?? "")
        : `account ${accountId} was confirmed to have another password, and has not: ${password}`,
    "operator-began": ({ id, accountId, what }, sinceMs) => {
      const fence = this.#fences.get(accountId) ?? 0;
      if (what === "password-end") this.#ending.set(id, { accountId, fence, sinceMs });
      return null;
    },
    "operator-ended": ({ id, refusal }) =>
      refusal === null || refusal === "not-held" ? this.#judgeEnd(id) : null,
  };

  /** The credentials that the database had at any time since then. */
  #since(accountId: number, sinceMs: number): readonly Stored[] {
    return (this.#stored.get(accountId) ?? []).filter(
      ({ untilMs }) => untilMs === null || untilMs >= sinceMs,
    );
  }

  /** A server that a store does not answer ends the older login later. */
  #judgeEnd(id: string): string | null {
    const change = this.#ending.get(id);
    // Owners may put back an older lock after a loss.
    if (change === undefined || this.#hasLost) return null;
    const { accountId, fence, sinceMs } = change;
    if (!this.#disturbances.areCalm(wholePathOf(loginNames[0]), sinceMs)) return null;
    const lock = this.#locks.of("login", accountLockKey(accountId));
    const isOld = lock?.fence !== undefined && lock.fence <= fence;
    return isOld && (lock?.state === "held" || lock?.state === "granted")
      ? `account ${accountId} has a new password, and still its older login ${JSON.stringify(lock)}`
      : null;
  }
}
