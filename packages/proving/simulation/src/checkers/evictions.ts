import { type Disturbances, nameOf, pairOf, standstillOf } from "../disturbances.ts";
import type { StoredLock } from "../facts.ts";
import { isChar, isLogin, loginNames } from "../topology.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";
import type { Logins } from "./logins.ts";
import type { Visits } from "./visits.ts";

/** Links are asked more often than that. */
const answeredMs = 400;

export interface EvictionsOptions {
  readonly visits: Visits;
  readonly logins: Logins;
  readonly disturbances: Disturbances;
  /** For how long after a fault a char-server may give up its accounts for it. */
  readonly holdMs: number;
}

/**
 * A char-server has a client leave its map for what the login tier says, and not for what befalls map-servers, stores of
 * characters or itself: while the account is held for that login, nobody is asked to go without a newer login, a second
 * choice, a client that comes back, or a login tier that is out of reach.
 */
export class Evictions implements Checker {
  readonly name = "evictions";
  readonly #options: EvictionsOptions;
  readonly #accounts = new Map<string, StoredLock>();
  readonly #stopped = new Set<string>();
  /** When a char-server was last answered by a login-server. */
  readonly #answeredMs = new Map<string, number>();
  #isLost = false;

  constructor(options: EvictionsOptions) {
    this.#options = options;
  }

  readonly rules: Rules = {
    answered: ({ life, to }, nowMs) => {
      if (isLogin(nameOf(life)) && isChar(nameOf(to))) this.#answeredMs.set(to, nowMs);
      return null;
    },
    "locks-lost": () => {
      this.#isLost = true;
      return null;
    },
    struck: ({ fault }) => {
      // The other way, who is on a map stays there.
      if (fault.kind === "stop" && fault.how === "release") this.#stopped.add(fault.server);
      return null;
    },
    "lock-changed": (changed, nowMs) => {
      const [kind, accountId = ""] = changed.key.split(":");
      if (kind === "character") return this.#judge(accountId, changed, nowMs);
      if (kind === "account" && changed.after !== null) this.#accounts.set(accountId, changed.after);
      else if (kind === "account") this.#accounts.delete(accountId);
      return null;
    },
  };

  #judge(accountId: string, { life, before, after }: FactOf<"lock-changed">, nowMs: number): string | null {
    if (after?.state !== "evicting" || before === null || before.state === "evicting") return null;
    const { visits, logins } = this.#options;
    const login = logins.of(Number(accountId), after.loginId1);
    const account = this.#accounts.get(accountId);
    const isHeld = account?.state === "held" && account.loginId1 === after.loginId1;
    if (login === undefined || !isHeld || logins.hasNewer(login)) return null;
    const hasChosenTwice = [...login.choices.values()].some((count) => count > 1);
    // Its client is at the char door again, with the same ids.
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
    return `${life} has account ${accountId} leave, though it holds it: ${JSON.stringify({ before, account })}`;
  }

  /** From the login tier, for all that it knows. */
  #isCutOff(life: string, nowMs: number): boolean {
    const char = nameOf(life);
    if (nowMs > (this.#answeredMs.get(life) ?? 0) + answeredMs) return true;
    const { disturbances, holdMs } = this.#options;
    const ways = loginNames.map((each) => pairOf(each, char));
    // Where its store does not answer, nothing is reclaimed.
    const path = ["network", "login", standstillOf(char), ...ways];
    const lastMs = disturbances.lastMs(path, nowMs);
    return lastMs !== null && nowMs <= lastMs + holdMs;
  }
}
