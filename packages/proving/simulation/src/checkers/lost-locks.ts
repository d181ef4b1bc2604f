import type { StoredLock } from "../facts.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";

interface Lost {
  /** Of its login. */
  readonly fence: number;
  readonly untilMs: number;
}

const fenceOf = ({ accountFence, fence = 0 }: StoredLock): number => accountFence ?? fence;

/**
 * What a store lost is given to no newer login for as long as whoever had it may say so. An older one may say so too: the
 * newer was between two doors then. Where a store came back with an older state, it counts from when that was noticed.
 */
export class LostLocks implements Checker {
  readonly name = "lost-locks";
  readonly #graceMs: number;
  /** By tier; and then by key, as are those that were lost. */
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
      changed.key.startsWith("server:") ? null : this.#judge(changed, nowMs),
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
    return `${key} was lost, and given to another before its owner could say that it has it: ${JSON.stringify(after)}`;
  }
}

function ofTier<T>(all: Map<string, Map<string, T>>, tier: string): Map<string, T> {
  const found = all.get(tier) ?? new Map<string, T>();
  all.set(tier, found);
  return found;
}
