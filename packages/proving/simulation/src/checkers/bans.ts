import { accountLockKey, lockIdOf, lockKindOf } from "@sallyport/lock-core";
import { type Disturbances, nameOf, wholePathOf } from "../disturbances.ts";
import { loginNames } from "../topology.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";
import type { KnownLocks } from "./known-locks.ts";

export interface BansOptions {
  readonly locks: KnownLocks;
  readonly disturbances: Disturbances;
}

interface Ban {
  readonly accountId: number;
  readonly fromMs: number;
  /** The newest login when the ban began. Only older logins may still have the account. */
  readonly fence: number;
  /** Null while the ban holds. */
  endMs: number | null;
}

/** After a ban has ended, a server that read it before may act on it for this time. */
const lateMs = 30_000;

/**
 * The login of a banned account begins to end in time, and no client logs in to it. An account lock is evicted with words
 * for the client only because of an act of an operator.
 */
export class Bans implements Checker {
  readonly name = "bans";
  readonly #options: BansOptions;
  readonly #fences = new Map<number, number>();
  readonly #bans = new Map<string, Ban>();
  /** The accounts that operators act on in another way, and the end of each act. */
  readonly #acts = new Map<string, { readonly accountId: number; endMs: number | null }>();

  constructor(options: BansOptions) {
    this.#options = options;
  }

  readonly rules: Rules = {
    "operator-began": ({ id, accountId, what }, nowMs) => {
      const fence = this.#fences.get(accountId) ?? 0;
      if (what === "ban") this.#bans.set(id, { accountId, fromMs: nowMs, fence, endMs: null });
      else this.#acts.set(id, { accountId, endMs: null });
      return null;
    },
    "operator-ended": ({ id }, nowMs) => {
      const act = this.#acts.get(id);
      if (act !== undefined) act.endMs = nowMs;
      const ban = this.#bans.get(id);
      if (ban !== undefined) ban.endMs = nowMs;
      return null;
    },
    "ban-due": ({ id }, nowMs) => {
      const ban = this.#bans.get(id);
      return ban === undefined || ban.endMs !== null ? null : this.#judgeDue(ban, nowMs);
    },
    "account-raised": ({ accountId, fence }, nowMs) => {
      this.#fences.set(accountId, fence);
      const isBanned = [...this.#bans.values()].some(
        (ban) => ban.accountId === accountId && ban.endMs === null,
      );
      // An operator may change what belongs to a banned account.
      return isBanned && !this.#isActedOn(accountId, nowMs)
        ? `the fence of account ${accountId} rose to ${fence}, although the account is banned`
        : null;
    },
    "lock-changed": (changed, nowMs) => this.#judgeEviction(changed, nowMs),
  };

  /** The ban held for long enough: its account has no login from before. */
  #judgeDue({ accountId, fromMs, fence }: Ban, nowMs: number): string | null {
    const { locks, disturbances } = this.#options;
    if (!disturbances.areCalm(wholePathOf(loginNames[0]), fromMs)) return null;
    const lock = locks.of("login", accountLockKey(accountId));
    const isOld = lock?.fence !== undefined && lock.fence <= fence && lock.state !== "evicting";
    return isOld
      ? `account ${accountId} was banned for ${Math.round(nowMs - fromMs)} ms, and still has ${JSON.stringify(lock)}`
      : null;
  }

  #judgeEviction({ key, life, before, after }: FactOf<"lock-changed">, nowMs: number): string | null {
    const isPutOut = after?.state === "evicting" && before?.state === "held" && after.told !== undefined;
    if (lockKindOf(key) !== "account" || !isPutOut) return null;
    const accountId = Number(lockIdOf(key));
    const hasCause = [...this.#bans.values(), ...this.#acts.values()].some(
      (act) => act.accountId === accountId && (act.endMs === null || act.endMs + lateMs > nowMs),
    );
    return hasCause
      ? null
      : `${nameOf(life)} puts out account ${accountId} without an order: ${JSON.stringify(after)}`;
  }

  #isActedOn(accountId: number, nowMs: number): boolean {
    return [...this.#acts.values()].some(
      (act) => act.accountId === accountId && (act.endMs === null || act.endMs + lateMs > nowMs),
    );
  }
}
