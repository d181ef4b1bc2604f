import type { StoredLock } from "../facts.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";

/**
 * After a client was told that a character exists, the character exists until a client asks to delete it. A
 * deleted character does not come back. No character is deleted while it is in play, or before its waiting
 * time is over.
 */
export class KeptCharacters implements Checker {
  readonly name = "kept-characters";
  readonly #deletionMs: number;
  /**
   * The key is an account with a world. The value has the characters that a client knows to exist, and since
   * when.
   */
  readonly #made = new Map<string, Map<number, number>>();
  readonly #gone = new Map<number, number>();
  readonly #deleted = new Set<number>();
  /** The key is a character. The value is the time when a client first requested its deletion. */
  readonly #wished = new Map<number, number>();
  /** The key is a tier with the key of a lock. The value is the character in play. */
  readonly #played = new Map<string, number>();
  /** The key is the name of an account. The value is the time since when the account is known to exist. */
  readonly #registered = new Map<string, number>();

  /** `deletionMs` is 0 if there is no waiting time, or if the checker cannot know it. */
  constructor(deletionMs: number) {
    this.#deletionMs = deletionMs;
  }

  readonly rules: Rules = {
    "lock-changed": ({ tier, key, after }) => this.#note(`${tier} ${key}`, after),
    "locks-lost": ({ tier, locks }) => {
      for (const key of [...this.#played.keys()]) if (key.startsWith(`${tier} `)) this.#played.delete(key);
      for (const [key, lock] of locks) this.#note(`${tier} ${key}`, lock);
      return null;
    },
    taken: ({ all }) => {
      const back = all.find((each) => this.#deleted.has(each));
      return back === undefined ? null : `character ${back} exists again after it was deleted`;
    },
    deleted: (deleted, nowMs) => this.#judge(deleted, nowMs),
    "client-wishes-deletion": ({ charId }, nowMs) => {
      if (!this.#wished.has(charId)) this.#wished.set(charId, nowMs);
      return null;
    },
    "client-created": ({ accountId, world, charId }, nowMs) => {
      const made = this.#made.get(`${accountId} ${world}`) ?? new Map<number, number>();
      this.#made.set(`${accountId} ${world}`, made.set(charId, nowMs));
      return this.#deleted.has(charId) && !this.#wished.has(charId)
        ? `character ${charId} was confirmed as created, but does not exist`
        : null;
    },
    "client-deleted": ({ charId }, nowMs) => {
      this.#gone.set(charId, nowMs);
      return this.#deleted.has(charId)
        ? null
        : `character ${charId} was confirmed as deleted, but still exists`;
    },
    "client-listed": (listed) => this.#compare(listed),
    "client-registered": ({ name }, nowMs) => {
      if (!this.#registered.has(name)) this.#registered.set(name, nowMs);
      return null;
    },
    // The answer is wrong only if the login began after the registration.
    "client-unknown": ({ name, isPasswordRight, askedMs }) =>
      isPasswordRight && (this.#registered.get(name) ?? askedMs) < askedMs
        ? `account ${name} was confirmed as created, but does not exist`
        : null,
  };

  /**
   * Records the character in play. A map-server may expect a character that its client does not know yet.
   * Such a character is not in play.
   */
  #note(key: string, lock: StoredLock | null): string | null {
    const { state = "", charId = 0 } = lock ?? {};
    if (!/^(playing|hopping)$/.test(state)) {
      this.#played.delete(key);
      return null;
    }
    this.#played.set(key, charId);
    return this.#deleted.has(charId) ? `character ${charId} is in play after it was deleted` : null;
  }

  #judge({ charId }: FactOf<"deleted">, nowMs: number): string | null {
    this.#deleted.add(charId);
    const wishedMs = this.#wished.get(charId);
    if (wishedMs === undefined) return `character ${charId} was deleted without a request`;
    // Servers count this time in whole seconds, so a deletion may be up to one second early.
    if (nowMs < wishedMs + this.#deletionMs - 1_000) {
      return `character ${charId} was deleted only ${Math.round(nowMs - wishedMs)} ms after the first request`;
    }
    const isPlayed = [...this.#played.values()].includes(charId);
    return isPlayed ? `character ${charId} was deleted while it was in play` : null;
  }

  #compare({ accountId, world, charIds, askedMs }: FactOf<"client-listed">): string | null {
    const listed = new Set(charIds);
    for (const [charId, madeMs] of this.#made.get(`${accountId} ${world}`) ?? []) {
      if (madeMs < askedMs && !listed.has(charId) && !this.#wished.has(charId))
        return `character ${charId} was confirmed as created, but is not in the list: ${charIds.join(", ")}`;
    }
    const back = charIds.find((charId) => (this.#gone.get(charId) ?? Number.POSITIVE_INFINITY) < askedMs);
    return back === undefined ? null : `character ${back} was confirmed as deleted, but is in the list again`;
  }
}
