import { characterLockKey } from "@sallyport/lock-core";
import { type Disturbances, nameOf, wholePathOf } from "../disturbances.ts";
import { worldOf } from "../topology.ts";
import type { Checker, Rules } from "./checker.ts";
import type { KnownLocks } from "./known-locks.ts";
import type { Visit, Visits } from "./visits.ts";

/** Maximum milliseconds for the last save and the messages about it. */
const withinMs = 300;

/**
 * While nothing goes wrong, servers release the locks of a client that left, whether the client announced its
 * leaving or not. The servers do not wait for a timer.
 */
export class LeftLocks implements Checker {
  readonly name = "left-locks";
  readonly #visits: Visits;
  readonly #locks: KnownLocks;
  readonly #disturbances: Disturbances;
  /** The value is the time when the server of the visit learnt that the client had left. */
  readonly #gone = new Map<Visit, number>();

  readonly #turnedAway = new Set<number>();

  constructor(visits: Visits, locks: KnownLocks, disturbances: Disturbances) {
    this.#visits = visits;
    this.#locks = locks;
    this.#disturbances = disturbances;
  }

  readonly rules: Rules = {
    // A refused client has no locks through this connection. It may have locks through another connection.
    answered: ({ channel, request, refusal }) => {
      if (/^(char|map)\.enter$/.test(request.type) && refusal !== null) this.#turnedAway.add(channel);
      return null;
    },
    "channel-heard": ({ channel, life }, nowMs) => {
      const visit = this.#turnedAway.has(channel) ? undefined : this.#visits.of(channel);
      if (visit?.server === life && !this.#gone.has(visit)) this.#gone.set(visit, nowMs);
      return null;
    },
    // Servers send messages all the time, so this check runs often.
    said: (_, nowMs) => {
      for (const [visit, sinceMs] of this.#gone) {
        if (nowMs <= sinceMs + withinMs) return null;
        this.#gone.delete(visit);
        if (this.#isLeft(visit, sinceMs) && this.#disturbances.areCalm(wholePathOf(visit.server), sinceMs))
          return `${visit.client} left ${visit.server}, but its lock is still there: ${JSON.stringify(this.#locks.of(...placeOf(visit)))}`;
      }
      return null;
    },
  };

  /**
   * Whether a lock of the visit still exists. `heardMs` is when the server learnt that the client had gone.
   */
  #isLeft(visit: Visit, heardMs: number): boolean {
    const { door, server, loginId1 } = visit;
    const lock = this.#locks.of(...placeOf(visit));
    if (lock?.loginId1 !== loginId1) return false;
    // If the client went to the next door or has another connection at this door, its locks belong to that
    // visit.
    for (const other of this.#visits.all)
      if (other !== visit && other.loginId1 === loginId1 && isOn(other, visit)) return false;
    if (door === "map") return lock.state === "playing" && lock.owner?.server === nameOf(server);
    if (lock.state === "choosing") return true;
    // A client that was cut off does not go to the next door, because nobody told it the address. But if the
    // server learnt of the cut only after it had answered, the server believes that the client knows the
    // address. In that case the timer of the map-server frees the lock.
    if (lock.state === "entering" && this.#locks.sinceMs(...placeOf(visit)) <= heardMs) return false;
    return visit.isCutOff && /^(handing-over|entering)$/.test(lock.state);
  }
}

const placeOf = ({ server, accountId }: Visit) =>
  [worldOf(nameOf(server)), characterLockKey(accountId)] as const;

const isOn = ({ phase, sinceMs }: Visit, gone: Visit): boolean => phase !== "over" || sinceMs >= gone.sinceMs;
