import type { Fact, StoredLock } from "../facts.ts";

interface Known {
  readonly lock: StoredLock;
  readonly sinceMs: number;
}

/** Records which locks the stores have. It checks no rule; several checkers use it. */
export class KnownLocks {
  readonly #locks = new Map<string, Known>();

  of(tier: string | null, key: string): StoredLock | undefined {
    return this.#locks.get(`${tier} ${key}`)?.lock;
  }

  /** Returns when the lock was last changed, or 0 if the lock does not exist. */
  sinceMs(tier: string | null, key: string): number {
    return this.#locks.get(`${tier} ${key}`)?.sinceMs ?? 0;
  }

  /** Yields all locks of one kind in a tier, each with the part of its key that follows the kind. */
  *ofKind(
    tier: string | null,
    kind: "account" | "character" | "server",
  ): Iterable<readonly [name: string, lock: StoredLock]> {
    const prefix = `${tier} ${kind}:`;
    for (const [key, { lock }] of this.#locks)
      if (key.startsWith(prefix)) yield [key.slice(prefix.length), lock];
  }

  readonly saw = (fact: Fact, nowMs: number): void => {
    if (fact.type === "lock-changed") this.#note(`${fact.tier} ${fact.key}`, fact.after, nowMs);
    else if (fact.type === "locks-lost") {
      for (const key of this.#locks.keys()) if (key.startsWith(`${fact.tier} `)) this.#locks.delete(key);
      for (const [key, lock] of fact.locks) this.#note(`${fact.tier} ${key}`, lock, nowMs);
    }
  };

  #note(key: string, lock: StoredLock | null, sinceMs: number): void {
    if (lock === null) this.#locks.delete(key);
    else this.#locks.set(key, { lock, sinceMs });
  }
}
