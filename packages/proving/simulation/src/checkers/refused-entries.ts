import { accountLockKey, characterLockKey, lockKindOf } from "@sallyport/lock-core";
import { type Disturbances, nameOf, wholePathOf } from "../disturbances.ts";
import { worldOf } from "../topology.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";
import type { KnownLocks } from "./known-locks.ts";
import type { Visits } from "./visits.ts";

/** Maximum milliseconds until a char-server learns that a lock of its client is gone. */
const tellMs = 20;

/**
 * The char door refuses a client if another owner has a character of the client's account. After the refusal,
 * the client does not hold the account, and the older login has been asked to leave.
 */
export class RefusedEntries implements Checker {
  readonly name = "refused-entries";
  readonly #visits: Visits;
  readonly #locks: KnownLocks;
  readonly #disturbances: Disturbances;
  /** Fences, keyed by account and login. */
  readonly #fences = new Map<string, number>();
  /** When a login last lost the character lock, keyed by world, lock and login. */
  readonly #leftMs = new Map<string, number>();
  /** When a char-server last asked to release the account of a login. */
  readonly #releasedMs = new Map<string, number>();

  constructor(visits: Visits, locks: KnownLocks, disturbances: Disturbances) {
    this.#visits = visits;
    this.#locks = locks;
    this.#disturbances = disturbances;
  }

  readonly rules: Rules = {
    "lock-changed": ({ tier, key, before, after }, nowMs) => {
      if (lockKindOf(key) === "account" && after?.fence !== undefined)
        this.#fences.set(`${key} ${after.loginId1}`, after.fence);
      if (lockKindOf(key) === "character" && before !== null && before.loginId1 !== after?.loginId1)
        this.#leftMs.set(`${tier} ${key} ${before.loginId1}`, nowMs);
      return null;
    },
    said: ({ life, message: { type, accountId, loginId1 } }, nowMs) => {
      if (type === "account.release") this.#releasedMs.set(`${life}: ${accountId} ${loginId1}`, nowMs);
      return null;
    },
    answered: (answered, nowMs) =>
      answered.request.type === "char.enter" && answered.refusal === "already-online"
        ? this.#judge(answered, nowMs)
        : null,
  };

  #judge(
    { channel, life, request: { accountId = 0, loginId1 } }: FactOf<"answered">,
    nowMs: number,
  ): string | null {
    const visit = this.#visits.of(channel);
    const world = worldOf(nameOf(life));
    const key = characterLockKey(accountId);
    const lock = this.#locks.of(world, key);
    if (visit === undefined || lock?.loginId1 === loginId1) return null;
    const leftMs = this.#leftMs.get(`${world} ${key} ${loginId1}`) ?? Number.NEGATIVE_INFINITY;
    if (nowMs <= leftMs + tellMs) return null;
    const fence = this.#fences.get(`${accountLockKey(accountId)} ${loginId1}`) ?? 0;
    const isInTheWay = lock !== undefined && lock.state !== "evicting" && (lock.accountFence ?? 0) < fence;
    if (isInTheWay)
      return `${visit.client} was refused for an older login that was never asked to leave: ${JSON.stringify(lock)}`;
    const lastMs = this.#disturbances.lastMs(wholePathOf(life), nowMs) ?? Number.NEGATIVE_INFINITY;
    const releasedMs = this.#releasedMs.get(`${life}: ${accountId} ${loginId1}`) ?? Number.NEGATIVE_INFINITY;
    return releasedMs >= visit.sinceMs || lastMs >= visit.sinceMs
      ? null
      : `${visit.client} was refused, but ${life} keeps account ${accountId} for it`;
  }
}
