import { lockIdOf, lockKindOf, serverLockKey } from "@sallyport/lock-core";
import { incarnationsOf, type StoredLock } from "../facts.ts";
import { isMap, worldOf } from "../topology.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";

type Changed = FactOf<"lock-changed">;

/**
 * A lock leaves its owner only for one of three reasons: the owner asked for it, the lock's deadline has
 * passed, or the owner's server lock is gone. No writer overwrites a version that it has not read.
 */
export class LockOwners implements Checker {
  readonly name = "lock-owners";
  /** The requests of owners, in the form `server: request`. */
  readonly #asked = new Set<string>();
  readonly #entered = new Set<string>();
  readonly #servers = new Map<string, StoredLock>();
  /**
   * Lives whose locks could no longer be reclaimed when their server lost its link again. The new loss of the
   * link gives no new time to reclaim them.
   */
  readonly #tooLate = new Set<string>();

  readonly rules: Rules = {
    said: (said) => this.#hear(said),
    "locks-lost": ({ tier, locks }) => {
      for (const key of [...this.#servers.keys()]) {
        if ((isMap(nameOf(key)) ? worldOf(nameOf(key)) : "login") === tier) this.#servers.delete(key);
      }
      for (const [key, lock] of locks) if (lockKindOf(key) === "server") this.#servers.set(key, lock);
      return null;
    },
    "lock-changed": (changed) => {
      const { key, expected, overwritten } = changed;
      if (expected !== overwritten)
        return `${key}: a writer that had read version ${expected} replaced version ${overwritten}`;
      return lockKindOf(key) === "server" ? this.#noteServer(changed) : this.#judge(changed);
    },
  };

  #hear({ life, message }: FactOf<"said">): null {
    const server = life.split("#")[0];
    const { type, charId, charFence, accountId, loginId1 } = message;
    if (type === "character.enter") this.#entered.add(`${server}: ${charId} under ${charFence}`);
    else if (type === "character.leave" || type === "character.hop") {
      this.#asked.add(`${server}: ${charId} under ${charFence}`);
    } else if (type === "account.release") this.#asked.add(`${server}: account ${accountId} of ${loginId1}`);
    else if (type === "link.leave" || type === "link.reclaimed") this.#asked.add(`${server}: ${type}`);
    return null;
  }

  #noteServer({ key, before, after, storeMs }: Changed): null {
    if (before?.reclaimDeadlineMs !== undefined && storeMs >= before.reclaimDeadlineMs) {
      for (const life of before.earlier ?? []) this.#tooLate.add(life);
    }
    if (after === null) this.#servers.delete(key);
    else this.#servers.set(key, after);
    // The requests of an earlier incarnation say nothing about the next incarnation.
    if (before?.incarnation !== after?.incarnation) {
      const server = nameOf(key);
      for (const type of ["link.leave", "link.reclaimed"]) this.#asked.delete(`${server}: ${type}`);
    }
    return null;
  }

  #judge({ tier, key, before, after, storeMs }: Changed): string | null {
    const owner = before?.owner;
    if (before === null || owner === undefined || after?.owner?.incarnation === owner.incarnation)
      return null;
    const hasRunOut = before.deadlineMs !== undefined && storeMs >= before.deadlineMs;
    if (hasRunOut || this.#hasEnded(owner, storeMs)) return null;
    // A later life of the same server reclaimed the lock.
    if (after?.owner?.server === owner.server && after.loginId1 === before.loginId1) return null;
    if (tier === "login") {
      const accountId = lockIdOf(key);
      if (this.#asked.has(`${owner.server}: account ${accountId} of ${before.loginId1}`)) return null;
    } else {
      // If the owner is a char-server, the lock may go to any new owner.
      if (!isMap(owner.server)) return null;
      const what = `${owner.server}: ${before.charId} under ${before.charFence}`;
      // If the client never arrived, the map-server has no progress to lose, so it may lose the lock.
      if (this.#asked.has(what) || !this.#entered.has(what)) return null;
    }
    return `${key} was taken from ${owner.server} in state ${before.state}: ${JSON.stringify({ before, after, storeMs })}`;
  }

  #hasEnded({ server, incarnation }: { server: string; incarnation: string }, storeMs: number): boolean {
    const lock = this.#servers.get(serverLockKey(server)) ?? null;
    if (lock === null || !incarnationsOf(lock).includes(incarnation) || this.#tooLate.has(incarnation))
      return true;
    const isOver = (deadlineMs: number | undefined): boolean =>
      deadlineMs !== undefined && storeMs >= deadlineMs;
    if (this.#asked.has(`${server}: link.leave`)) return true;
    // By sending `link.reclaimed`, a server gives up the locks that it did not reclaim.
    const isEarlier = lock.incarnation !== incarnation;
    if (isEarlier && this.#asked.has(`${server}: link.reclaimed`)) return true;
    if (lock.state === "away") return isOver(lock.deadlineMs);
    return isEarlier && isOver(lock.reclaimDeadlineMs);
  }
}

const nameOf = (key: string): string => lockIdOf(key);
