import { lockIdOf, lockKindOf, serverLockKey } from "@sallyport/lock-core";
import { incarnationsOf, type StoredLock } from "../facts.ts";
import { isMap, worldOf } from "../topology.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";

type Changed = FactOf<"lock-changed">;

/**
 * A lock leaves its owner only for one of three reasons: the owner requested this, the lock's deadline has
 * passed, or the owner's server lock is gone. No writer overwrites a version that it has not read.
 */
export class LockOwners implements Checker {
  readonly name = "lock-owners";
  /** The requests of owners, in the form `server: request`. */
  readonly #asked = new Set<string>();
  readonly #entered = new Set<string>();
  readonly #servers = new Map<string, StoredLock>();
  /**
   * The incarnations whose locks their server gave up, or did not reclaim in time. The freeing of these locks
   * waits for pending requests, so it may end after the server was admitted again. The new admission gives no
   * new time to reclaim them.
   */
  readonly #givenUp = new Set<string>();

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
    const [server = ""] = life.split("#");
    const { type, charId, charFence, accountId, loginId1 } = message;
    if (type === "character.enter") this.#entered.add(`${server}: ${charId} under ${charFence}`);
    else if (type === "character.leave" || type === "character.hop") {
      this.#asked.add(`${server}: ${charId} under ${charFence}`);
    } else if (type === "account.release") this.#asked.add(`${server}: account ${accountId} of ${loginId1}`);
    else if (type === "link.leave") this.#giveUp(incarnationsOf(this.#serverLock(server)));
    // By sending `link.reclaimed`, a server gives up the locks that it did not reclaim.
    else if (type === "link.reclaimed") this.#giveUp(this.#serverLock(server)?.earlier);
    return null;
  }

  #serverLock(server: string): StoredLock | null {
    return this.#servers.get(serverLockKey(server)) ?? null;
  }

  #giveUp(incarnations: readonly string[] = []): void {
    for (const incarnation of incarnations) this.#givenUp.add(incarnation);
  }

  #noteServer({ key, before, after, storeMs }: Changed): null {
    if (before?.reclaimDeadlineMs !== undefined && storeMs >= before.reclaimDeadlineMs) {
      this.#giveUp(before.earlier);
    }
    if (after === null) this.#servers.delete(key);
    else this.#servers.set(key, after);
    return null;
  }

  #judge({ tier, key, before, after, storeMs }: Changed): string | null {
    const owner = before?.owner;
    if (before === null || owner === undefined || after?.owner?.incarnation === owner.incarnation)
      return null;
    const hasRunOut = before.deadlineMs !== undefined && storeMs >= before.deadlineMs;
    if (hasRunOut || this.#hasEnded(owner, storeMs)) return null;
    // A later process of the same server reclaimed the lock.
    if (after?.owner?.server === owner.server && after.loginId1 === before.loginId1) return null;
    if (tier === "login") {
      const accountId = lockIdOf(key);
      if (this.#asked.has(`${owner.server}: account ${accountId} of ${before.loginId1}`)) return null;
    } else {
      // If the owner is a char-server, the lock is allowed to go to any new owner.
      if (!isMap(owner.server)) return null;
      const what = `${owner.server}: ${before.charId} under ${before.charFence}`;
      // If the client never arrived, the map-server has no progress to lose, so it is allowed to lose the lock.
      if (this.#asked.has(what) || !this.#entered.has(what)) return null;
    }
    return `${key} was taken from ${owner.server} in state ${before.state}: ${JSON.stringify({ before, after, storeMs })}`;
  }

  #hasEnded({ server, incarnation }: { server: string; incarnation: string }, storeMs: number): boolean {
    const lock = this.#serverLock(server);
    if (lock === null || !incarnationsOf(lock).includes(incarnation) || this.#givenUp.has(incarnation))
      return true;
    const isOver = (deadlineMs: number | undefined): boolean =>
      deadlineMs !== undefined && storeMs >= deadlineMs;
    if (lock.state === "away") return isOver(lock.deadlineMs);
    return lock.incarnation !== incarnation && isOver(lock.reclaimDeadlineMs);
  }
}

const nameOf = (key: string): string => lockIdOf(key);
