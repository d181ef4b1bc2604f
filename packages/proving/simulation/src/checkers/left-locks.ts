import { type Disturbances, nameOf, wholePathOf } from "../disturbances.ts";
import type { StoredLock } from "../facts.ts";
import { worldOf } from "../topology.ts";
import type { Checker, Rules } from "./checker.ts";
import type { Visit, Visits } from "./visits.ts";

/** Time for the last save and the messages about it. */
const withinMs = 300;

interface Since {
  readonly lock: StoredLock;
  readonly sinceMs: number;
}

/** While nothing is wrong, a leaving client leaves no lock to a timer, announced or not. */
export class LeftLocks implements Checker {
  readonly name = "left-locks";
  readonly #visits: Visits;
  readonly #disturbances: Disturbances;
  readonly #locks = new Map<string, Since>();
  /** The visits whose server knows that the client left, and since when. */
  readonly #gone = new Map<Visit, number>();

  readonly #turnedAway = new Set<number>();

  constructor(visits: Visits, disturbances: Disturbances) {
    this.#visits = visits;
    this.#disturbances = disturbances;
  }

  readonly rules: Rules = {
    "lock-changed": ({ tier, key, after }, nowMs) => {
      if (after === null) this.#locks.delete(`${tier} ${key}`);
      else this.#locks.set(`${tier} ${key}`, { lock: after, sinceMs: nowMs });
      return null;
    },
    // A client that was turned away left no locks. It may be there through another connection.
    answered: ({ channel, request, refusal }) => {
      if (/^(char|map)\.enter$/.test(request.type) && refusal !== null) this.#turnedAway.add(channel);
      return null;
    },
    "channel-heard": ({ channel, life }, nowMs) => {
      const visit = this.#turnedAway.has(channel) ? undefined : this.#visits.of(channel);
      if (visit?.server === life && !this.#gone.has(visit)) this.#gone.set(visit, nowMs);
      return null;
    },
    // Links carry messages all the time, so this runs often.
    said: (_, nowMs) => {
      for (const [visit, sinceMs] of this.#gone) {
        if (nowMs <= sinceMs + withinMs) return null;
        this.#gone.delete(visit);
        if (this.#isLeft(visit, sinceMs) && this.#disturbances.areCalm(wholePathOf(visit.server), sinceMs))
          return `${visit.client} has gone from ${visit.server}, and its lock is still there: ${JSON.stringify(this.#lockOf(visit)?.lock)}`;
      }
      return null;
    },
  };

  #lockOf({ server, accountId }: Visit): Since | undefined {
    return this.#locks.get(`${worldOf(nameOf(server))} character:${accountId}`);
  }

  /** `heardMs`: when the server heard that the client had gone. */
  #isLeft(visit: Visit, heardMs: number): boolean {
    const { door, server, loginId1 } = visit;
    const { lock, sinceMs = 0 } = this.#lockOf(visit) ?? {};
    if (lock?.loginId1 !== loginId1) return false;
    // The client went on or has another connection there. Its locks belong to that visit.
    for (const other of this.#visits.all)
      if (other !== visit && other.loginId1 === loginId1 && isOn(other, visit)) return false;
    if (door === "map") return lock.state === "playing" && lock.owner?.server === nameOf(server);
    if (lock.state === "choosing") return true;
    // A client that was cut off was not told where to go, so it does not go there. The server cannot know that
    // if it answered before it heard of the end; then the timer of the map-server frees the lock.
    if (lock.state === "entering" && sinceMs <= heardMs) return false;
    return visit.isCutOff && /^(handing-over|entering)$/.test(lock.state);
  }
}

const isOn = ({ phase, sinceMs }: Visit, gone: Visit): boolean => phase !== "over" || sinceMs >= gone.sinceMs;
