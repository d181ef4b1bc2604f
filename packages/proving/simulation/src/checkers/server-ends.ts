import { lockKindOf } from "@sallyport/lock-core";
import { incarnationsOf, type StoredLock } from "../facts.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";

/**
 * When an incarnation is removed from the lock of its server, the incarnation owns no locks. Otherwise a
 * crash could leave locks without an owner.
 */
export class ServerEnds implements Checker {
  readonly name = "server-ends";
  /** The key is a tier with an owner. The value has the keys of the owner's locks. */
  readonly #owned = new Map<string, Set<string>>();

  readonly rules: Rules = {
    "locks-lost": ({ tier, locks }) => {
      for (const owned of this.#owned.keys()) if (owned.startsWith(`${tier} `)) this.#owned.delete(owned);
      for (const [key, lock] of locks) if (lockKindOf(key) !== "server") this.#keys(tier, lock)?.add(key);
      return null;
    },
    "lock-changed": (changed) => {
      const { tier, key, before, after } = changed;
      if (lockKindOf(key) === "server") return this.#judge(changed);
      this.#keys(tier, before)?.delete(key);
      this.#keys(tier, after)?.add(key);
      return null;
    },
  };

  #judge({ tier, key, before, after }: FactOf<"lock-changed">): string | null {
    const goOn = incarnationsOf(after);
    const ended = incarnationsOf(before).filter((life) => !goOn.includes(life));
    const left = ended.flatMap((life) => [...(this.#owned.get(`${tier} ${life}`) ?? [])]);
    return left.length === 0
      ? null
      : `${ended.join(", ")} of ${key} ended and left locks behind: ${left.join(", ")}`;
  }

  #keys(tier: string, lock: StoredLock | null): Set<string> | null {
    const incarnation = lock?.owner?.incarnation;
    if (incarnation === undefined) return null;
    const keys = this.#owned.get(`${tier} ${incarnation}`) ?? new Set();
    this.#owned.set(`${tier} ${incarnation}`, keys);
    return keys;
  }
}
