import { type Disturbances, nameOf, wholePathOf } from "../disturbances.ts";
import type { StoredLock } from "../facts.ts";
import { worldOf } from "../topology.ts";
import type { Checker, Rules } from "./checker.ts";
import type { Visit, Visits } from "./visits.ts";

/** For the last save, and for what is told of it. */
const withinMs = 300;

/** Where nothing is wrong, a client that goes leaves no lock to a timer, whether it said so or not. */
export class LeftLocks implements Checker {
  readonly name = "left-locks";
  readonly #visits: Visits;
  readonly #disturbances: Disturbances;
  readonly #locks = new Map<string, StoredLock>();
  /** Those whose server knows that they went, and since when. */
  readonly #gone = new Map<Visit, number>();

  readonly #turnedAway = new Set<number>();

  constructor(visits: Visits, disturbances: Disturbances) {
    this.#visits = visits;
    this.#disturbances = disturbances;
  }

  readonly rules: Rules = {
    "lock-changed": ({ tier, key, after }) => {
      if (after === null) this.#locks.delete(`${tier} ${key}`);
      else this.#locks.set(`${tier} ${key}`, after);
      return null;
    },
    // Whoever was turned away has left nothing, and may be there by another connection.
    answered: ({ channel, request, refusal }) => {
      if (/^(char|map)\.enter$/.test(request.type) && refusal !== null) this.#turnedAway.add(channel);
      return null;
    },
    "channel-heard": ({ channel, life }, nowMs) => {
      const visit = this.#turnedAway.has(channel) ? undefined : this.#visits.of(channel);
      if (visit?.server === life && !this.#gone.has(visit)) this.#gone.set(visit, nowMs);
      return null;
    },
    // Links are asked all the time.
    said: (_, nowMs) => {
      for (const [visit, sinceMs] of this.#gone) {
        if (nowMs <= sinceMs + withinMs) return null;
        this.#gone.delete(visit);
        if (this.#isLeft(visit) && this.#disturbances.areCalm(wholePathOf(visit.server), sinceMs))
          return `${visit.client} has gone from ${visit.server}, and its lock is still there: ${JSON.stringify(this.#lockOf(visit))}`;
      }
      return null;
    },
  };

  #lockOf({ server, accountId }: Visit): StoredLock | undefined {
    return this.#locks.get(`${worldOf(nameOf(server))} character:${accountId}`);
  }

  #isLeft(visit: Visit): boolean {
    const { door, server, loginId1 } = visit;
    const lock = this.#lockOf(visit);
    if (lock?.loginId1 !== loginId1) return false;
    // It came on, or is there by another connection: whatever it has now is of that.
    for (const other of this.#visits.all)
      if (other !== visit && other.loginId1 === loginId1 && isOn(other, visit)) return false;
    if (door === "map") return lock.state === "playing" && lock.owner?.server === nameOf(server);
    // Who was not told where to go does not go there.
    return lock.state === "choosing" || (visit.isCutOff && /^(handing-over|entering)$/.test(lock.state));
  }
}

const isOn = ({ phase, sinceMs }: Visit, gone: Visit): boolean => phase !== "over" || sinceMs >= gone.sinceMs;
