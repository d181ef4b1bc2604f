import { characterLockKey, lockIdOf, lockKindOf } from "@sallyport/lock-core";
import { nameOf } from "../disturbances.ts";
import type { SaidMessage, StoredLock } from "../facts.ts";
import type { LockTier } from "../topology.ts";
import { worldOf } from "../topology.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";
import type { KnownLocks } from "./known-locks.ts";

type Answered = FactOf<"answered">;

/**
 * A char-server gives map-servers true answers, even during failures. If an answer says that a character may
 * be played, the lock of the character says so too. If an answer says that a character has left, the lock of
 * the character is free. Nothing is stored under an old fence.
 */
export class TrueAnswers implements Checker {
  readonly name = "true-answers";
  readonly #locks: KnownLocks;
  /** The current process of each server. Locks of earlier processes are reclaimed or soon freed. */
  readonly #lives = new Map<string, string>();
  /** Characters that were in play on a server, with keys like `server: character under fence`. */
  readonly #played = new Set<string>();
  /** The key is a character. The value is the fence of its newest owner. */
  readonly #fences = new Map<number, number>();
  /**
   * Saves whose fence was already old when the map-server sent them. An entry is a channel, an asker and a
   * number.
   */
  readonly #vain = new Set<string>();
  /**
   * Leave requests from map-servers that had the character at that time. An entry is a channel, an asker and
   * a number.
   */
  readonly #leaving = new Set<string>();
  /** Tiers that lost locks. The checker does not know which locks these tiers had before. */
  readonly #lost = new Set<LockTier>();

  constructor(locks: KnownLocks) {
    this.#locks = locks;
  }

  readonly rules: Rules = {
    "locks-lost": ({ tier, locks }) => {
      this.#lost.add(tier);
      for (const [, lock] of locks) this.#note(lock);
      return null;
    },
    "lock-changed": ({ key, after }) => {
      if (lockKindOf(key) === "server") this.#noteServer(lockIdOf(key), after);
      if (lockKindOf(key) === "character") this.#note(after);
      return null;
    },
    taken: ({ charId, fence }) => {
      this.#fences.set(charId, fence);
      return null;
    },
    passed: ({ charId, fence }) => {
      this.#fences.set(charId, fence);
      return null;
    },
    said: (said) => {
      const { kind, channel, life, correlationId, message } = said;
      if (kind !== "request") return null;
      const { type, charId = 0, charFence = 0 } = message;
      const question = `${channel} ${life} ${correlationId}`;
      const isOver = charFence < (this.#fences.get(charId) ?? 0);
      if (type === "character.save" && isOver) this.#vain.add(question);
      if (type === "character.leave" && this.#isThere(life, message)) this.#leaving.add(question);
      return null;
    },
    answered: (answered) => (answered.refusal === null ? this.#judge(answered) : null),
  };

  #noteServer(server: string, after: StoredLock | null): void {
    if (after?.incarnation === undefined) this.#lives.delete(server);
    else this.#lives.set(server, after.incarnation);
  }

  #note(lock: StoredLock | null): void {
    if (lock?.state === "playing")
      this.#played.add(`${lock.owner?.server}: ${lock.charId} under ${lock.charFence}`);
  }

  #judge({ channel, to, correlationId, request, isReleased }: Answered): string | null {
    const { type, charId, charFence } = request;
    const question = `${channel} ${to} ${correlationId}`;
    if (type === "character.enter" && !this.#played.has(`${nameOf(to)}: ${charId} under ${charFence}`))
      return `${to} was told that character ${charId} may play there, but its lock never said so`;
    if (type === "character.save" && this.#vain.has(question))
      return `${to} was told that character ${charId} is saved under fence ${charFence}, which was already out of date`;
    const isJudged = type === "character.leave" && isReleased !== false && this.#leaving.has(question);
    return isJudged && this.#isThere(to, request)
      ? `${to} was told that character ${charId} has left, but it still has the lock`
      : null;
  }

  #isThere(life: string, { accountId = 0, charId, charFence }: SaidMessage): boolean {
    const server = nameOf(life);
    const tier = worldOf(server);
    if (tier === null || this.#lost.has(tier)) return false;
    const lock = this.#locks.of(tier, characterLockKey(accountId));
    const isIts = lock?.owner?.incarnation === this.#lives.get(server);
    return isIts && lock?.charId === charId && lock?.charFence === charFence;
  }
}
