import { lockKindOf } from "@sallyport/lock-core";
import type { StoredLock } from "../facts.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";

interface Lost {
  readonly fence: number;
  readonly untilMs: number;
}

const fenceOf = ({ accountFence, fence = 0 }: StoredLock): number => accountFence ?? fence;

/**
 * While the last owner of a lost lock may still restore it, no newer login gets the lock. An older login may
 * also restore it if the client of the newer login was between two doors. If a store went back to an older
 * state, the time to restore begins when a server notices the loss.
 */
export class LostLocks implements Checker {
  readonly name = "lost-locks";
  readonly #graceMs: number;
  /** Locks that exist, keyed by tier, then by key. `#lost` has the same keys. */
  readonly #held = new Map<string, Map<string, StoredLock>>();
  readonly #lost = new Map<string, Map<string, Lost>>();

  constructor(graceMs: number) {
    this.#graceMs = graceMs;
  }

  readonly rules: Rules = {
    "locks-lost": ({ tier, isAll }, nowMs) => {
      if (!isAll) return null;
      const held = ofTier(this.#held, tier);
      const untilMs = nowMs + this.#graceMs;
      for (const [key, lock] of held) ofTier(this.#lost, tier).set(key, { fence: fenceOf(lock), untilMs });
      held.clear();
      return null;
    },
    "lock-changed": (changed, nowMs) =>
      lockKindOf(changed.key) === "server" ? null : this.#judge(changed, nowMs),
  };

  #judge({ tier, key, after }: FactOf<"lock-changed">, nowMs: number): string | null {
    if (after === null) {
      ofTier(this.#held, tier).delete(key);
      return null;
    }
    ofTier(this.#held, tier).set(key, after);
    const lost = ofTier(this.#lost, tier).get(key);
    this.#lost.get(tier)?.delete(key);
    if (lost === undefined || nowMs >= lost.untilMs || fenceOf(after) <= lost.fence) return null;
    return `${key} was lost, and given to another before its owner could restore it: ${JSON.stringify(after)}`;
  }
}

function ofTier<T>(all: Map<string, Map<string, T>>, tier: string): Map<string, T> {
  const found = all.get(tier) ?? new Map<string, T>();
  all.set(tier, found);
  return found;
}
