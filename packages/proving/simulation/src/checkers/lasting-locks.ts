import { accountLockKey, characterLockKey, lockIdOf, lockKindOf, serverLockKey } from "@sallyport/lock-core";
import { nameOf } from "../disturbances.ts";
import type { StoredLock } from "../facts.ts";
import type { LockTier } from "../topology.ts";
import { worldOf } from "../topology.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";
import type { Visit, Visits } from "./visits.ts";

/**
 * When the last planned failure is long over and no client has logged in since, each lock has an owner that
 * knows of it and a client that uses it. No lock waits for a timer.
 */
export class LastingLocks implements Checker {
  readonly name = "lasting-locks";
  readonly #visits: Visits;
  readonly #charIdsOf: (life: string) => readonly number[] | null;

  constructor(visits: Visits, charIdsOf: (life: string) => readonly number[] | null) {
    this.#visits = visits;
    this.#charIdsOf = charIdsOf;
  }

  readonly rules: Rules = {
    settled: ({ locks }) => {
      for (const standing of locks) {
        const why = this.#whyStuck(standing, locks);
        if (why !== null) return `${standing.tier} ${standing.key} ${why}: ${JSON.stringify(standing.lock)}`;
      }
      return null;
    },
  };

  #whyStuck({ tier, key, lock }: Standing, all: readonly Standing[]): string | null {
    if (lockKindOf(key) === "server")
      return lock.state === "connected" ? null : "belongs to a server that is not linked";
    const account = Number(lockIdOf(key));
    const { owner, loginId1, charId = 0 } = lock;
    if (owner === undefined) return "has no owner and has not run out";
    if (lockKindOf(key) === "account") {
      if (lock.state !== "held") return "has a timer that ended long ago";
      const server = all.find((each) => each.tier === tier && each.key === serverLockKey(owner.server));
      if (server?.lock.incarnation !== owner.incarnation) return "belongs to an incarnation that has ended";
      const isUsed = all.some(
        (each) => each.key === characterLockKey(account) && each.lock.loginId1 === loginId1,
      );
      return isUsed ? null : "is held without a character";
    }
    const isHeld = all.some(
      (each) => each.key === accountLockKey(account) && each.lock.loginId1 === loginId1,
    );
    if (!isHeld) return "exists without its account lock";
    const client = this.#clientOf(tier, account, loginId1);
    if (lock.state === "choosing") return client?.door === "char" ? null : "has no choosing client";
    if (lock.state !== "playing") return "has a timer that ended long ago";
    if (client?.door !== "map" || client.charId !== charId) return "has no playing client";
    return this.#charIdsOf(client.server)?.includes(charId) === true
      ? null
      : "names a map-server that does not have the player";
  }

  #clientOf(tier: LockTier, account: number, loginId1: number | undefined): Visit | undefined {
    for (const visit of this.#visits.all) {
      const isOf = visit.accountId === account && visit.loginId1 === loginId1 && visit.phase === "in";
      if (isOf && worldOf(nameOf(visit.server)) === tier) return visit;
    }
    return undefined;
  }
}

type Standing = FactOf<"settled">["locks"][number] & { readonly lock: StoredLock };
