import { type Disturbances, wholePathOf } from "../disturbances.ts";
import type { StoredLock } from "../facts.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";

interface Takeover {
  readonly tier: string;
  readonly key: string;
  readonly lock: StoredLock;
  readonly sinceMs: number;
  readonly path: readonly string[];
  isAsked: boolean;
}

/**
 * Maximum milliseconds until a message is delivered and handled. The hint bus may pass the message on, and
 * messages that arrived earlier are handled first.
 */
const askMs = 150;

/**
 * An owner that has to leave is told at once, and then leaves. While nothing goes wrong, no evict timer runs
 * out.
 */
export class Takeovers implements Checker {
  readonly name = "takeovers";
  readonly #disturbances: Disturbances;
  readonly #takeovers = new Map<string, Takeover>();

  constructor(disturbances: Disturbances) {
    this.#disturbances = disturbances;
  }

  readonly rules: Rules = {
    "lock-changed": (changed, nowMs) => {
      const ended = this.#end(changed, nowMs);
      if (changed.after?.state === "evicting" && changed.before?.state !== "evicting")
        this.#begin(changed.after, changed, nowMs);
      return ended;
    },
    "locks-lost": () => {
      this.#takeovers.clear();
      return null;
    },
    said: ({ message }, nowMs) => {
      const { type, accountId, loginId1, charId, charFence } = message;
      if (type !== "account.kick" && type !== "character.kick") return this.#areAsked(nowMs);
      for (const takeover of this.#takeovers.values()) {
        if (!takeover.key.endsWith(`:${accountId}`)) continue;
        const { lock } = takeover;
        const isMeant =
          type === "account.kick"
            ? takeover.tier === "login" && lock.loginId1 === loginId1
            : lock.charId === charId && lock.charFence === charFence;
        if (isMeant) takeover.isAsked = true;
      }
      return this.#areAsked(nowMs);
    },
  };

  #begin(lock: StoredLock, { tier, key }: FactOf<"lock-changed">, nowMs: number): void {
    const path = wholePathOf(lock.owner?.server ?? "");
    this.#takeovers.set(`${tier} ${key}`, { tier, key, lock, sinceMs: nowMs, path, isAsked: false });
  }

  #end({ tier, key, before, after, storeMs }: FactOf<"lock-changed">, nowMs: number): string | null {
    const takeover = this.#takeovers.get(`${tier} ${key}`);
    if (takeover === undefined || after?.state === "evicting") return null;
    this.#takeovers.delete(`${tier} ${key}`);
    const hasRunOut = before?.deadlineMs !== undefined && storeMs >= before.deadlineMs;
    if (!hasRunOut || !this.#isCalm(takeover)) return null;
    return `a login waited for the timer of ${key}, for ${Math.round(nowMs - takeover.sinceMs)} ms: ${JSON.stringify(takeover.lock)}`;
  }

  #areAsked(nowMs: number): string | null {
    for (const takeover of this.#takeovers.values()) {
      const { isAsked, sinceMs, lock, key } = takeover;
      if (!isAsked && nowMs > sinceMs + askMs && this.#isCalm(takeover))
        return `no server asked the owner of ${key} to leave within ${Math.round(nowMs - sinceMs)} ms: ${JSON.stringify(lock)}`;
    }
    return null;
  }

  #isCalm({ path, sinceMs }: Takeover): boolean {
    return this.#disturbances.areCalm(path, sinceMs);
  }
}
