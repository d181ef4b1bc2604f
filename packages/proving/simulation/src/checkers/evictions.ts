import { accountLockKey, lockIdOf, lockKindOf } from "@sallyport/lock-core";
import { type Disturbances, nameOf, pairOf, standstillOf } from "../disturbances.ts";
import { isChar, isLogin, loginNames, worldOf } from "../topology.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";
import type { KnownLocks } from "./known-locks.ts";
import type { Logins } from "./logins.ts";
import type { Visits } from "./visits.ts";

/** While a char-server's link works, the next answer comes within this many milliseconds. */
const answeredMs = 400;
/**
 * For this many milliseconds after a char-server is connected again, it may still finish evictions that it
 * began while it was cut off.
 */
const lateMs = 300;
/**
 * For this many milliseconds after the last failure of its store, a char-server may still repeat evictions.
 */
const retriedMs = 2_500;

export interface EvictionsOptions {
  readonly locks: KnownLocks;
  readonly visits: Visits;
  readonly logins: Logins;
  readonly disturbances: Disturbances;
  /**
   * For this many milliseconds after a planned failure, a char-server may give up its accounts because of the
   * failure.
   */
  readonly holdMs: number;
}

/**
 * A char-server makes a client leave its map only for reasons that concern the login. Failures of
 * map-servers, of character stores or of the char-server itself are no reason. While the char-server holds
 * the account for a login, there are four reasons: a newer login, a second choice, a client that comes back,
 * or an unreachable login tier.
 */
export class Evictions implements Checker {
  readonly name = "evictions";
  readonly #options: EvictionsOptions;
  readonly #stopped = new Set<string>();
  readonly #answeredMs = new Map<string, number>();
  /** The key is a char-server. The value is the time of its first answer after it had been cut off. */
  readonly #reachedMs = new Map<string, number>();
  #isLost = false;

  constructor(options: EvictionsOptions) {
    this.#options = options;
  }

  readonly rules: Rules = {
    answered: ({ life, to }, nowMs) => {
      if (!isLogin(nameOf(life)) || !isChar(nameOf(to))) return null;
      if (this.#isUnanswered(to, nowMs)) this.#reachedMs.set(to, nowMs);
      this.#answeredMs.set(to, nowMs);
      return null;
    },
    "locks-lost": () => {
      this.#isLost = true;
      return null;
    },
    struck: ({ fault }) => {
      // A server that is stopped with `keep` leaves its players on their maps.
      if (fault.kind === "stop" && fault.how === "release") this.#stopped.add(fault.server);
      return null;
    },
    "lock-changed": (changed, nowMs) => {
      const [kind, accountId] = [lockKindOf(changed.key), lockIdOf(changed.key)];
      return kind === "character" ? this.#judge(accountId, changed, nowMs) : null;
    },
  };

  #judge(accountId: string, { life, before, after }: FactOf<"lock-changed">, nowMs: number): string | null {
    if (after?.state !== "evicting" || before === null || before.state === "evicting") return null;
    const { locks, visits, logins } = this.#options;
    const login = logins.of(Number(accountId), after.loginId1);
    const account = locks.of("login", accountLockKey(Number(accountId)));
    const isHeld = account?.state === "held" && account.loginId1 === after.loginId1;
    if (login === undefined || !isHeld || logins.hasNewer(login)) return null;
    const hasChosenTwice = [...login.choices.values()].some((count) => count > 1);
    // The client of this login has come back to the char door.
    const isBack = [...visits.all].some(
      ({ door, phase, loginId1 }) => door === "char" && phase === "asking" && loginId1 === after.loginId1,
    );
    const char = nameOf(life);
    if (
      hasChosenTwice ||
      isBack ||
      login.hasGone ||
      this.#stopped.has(char) ||
      this.#isLost ||
      this.#isCutOff(life, nowMs)
    )
      return null;
    return `${life} makes the client of account ${accountId} leave without a cause, while it holds the account: ${JSON.stringify({ before, account })}`;
  }

  #isUnanswered(life: string, nowMs: number): boolean {
    return nowMs > (this.#answeredMs.get(life) ?? 0) + answeredMs;
  }

  /** Whether the char-server may believe that it lost the login tier. */
  #isCutOff(life: string, nowMs: number): boolean {
    const char = nameOf(life);
    if (this.#isUnanswered(life, nowMs)) return true;
    const { disturbances, holdMs } = this.#options;
    const reachedMs = this.#reachedMs.get(life);
    if (reachedMs !== undefined) {
      const storeMs = disturbances.lastMs([worldOf(char) ?? char], nowMs) ?? Number.NEGATIVE_INFINITY;
      if (nowMs <= reachedMs + lateMs || nowMs <= storeMs + retriedMs) return true;
    }
    const ways = loginNames.map((each) => pairOf(each, char));
    // The char-server cannot reclaim its accounts while the login store does not answer.
    const path = ["network", "login", standstillOf(char), ...ways];
    const lastMs = disturbances.lastMs(path, nowMs);
    return lastMs !== null && nowMs <= lastMs + holdMs;
  }
}
