import { type Disturbances, nameOf, pathOf } from "../disturbances.ts";
import { worldOf } from "../topology.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";
import type { Visit, Visits } from "./visits.ts";

/** Until the char-server hears what it did, and says so. */
const tellMs = 20;

/** One client of an account is at character select in a world, and only as long as the lock is its login's. */
export class AtCharacterSelect implements Checker {
  readonly name = "at-character-select";
  readonly #visits: Visits;
  readonly #disturbances: Disturbances;
  /** In which a char-server has looked at its locks again, where another changed them. */
  readonly #lookMs: number;
  /** Of which clients the lock is another's, since when, and for how long they need not be told. */
  readonly #lost = new Map<Visit, { readonly sinceMs: number; readonly boundMs: number }>();

  constructor(visits: Visits, disturbances: Disturbances, chooseMs: number) {
    this.#visits = visits;
    this.#disturbances = disturbances;
    this.#lookMs = Math.max(50, chooseMs / 3) + 200;
  }

  readonly rules: Rules = {
    answered: ({ channel, refusal, request }) =>
      request.type === "char.enter" && refusal === null ? this.#isAlone(channel) : null,
    // It is opened anew, or it is not; either way soon.
    "locks-lost": ({ tier, locks }, nowMs) => {
      const left = new Map(locks);
      for (const visit of this.#visits.all) {
        if (visit.door !== "char" || worldOf(nameOf(visit.server)) !== tier) continue;
        const isIts = left.get(`character:${visit.accountId}`)?.loginId1 === visit.loginId1;
        if (isIts || visit.phase !== "in") this.#lost.delete(visit);
        else this.#lost.set(visit, { sinceMs: nowMs, boundMs: this.#lookMs });
      }
      return null;
    },
    "lock-changed": (changed, nowMs) => this.#note(changed, nowMs),
    // Links are asked all the time.
    said: (_, nowMs) => this.#judge(nowMs),
  };

  #isAlone(channel: number): string | null {
    const visit = this.#visits.of(channel);
    if (visit === undefined || visit.phase !== "in") return null;
    for (const other of this.#visits.all) {
      if (other === visit || other.door !== "char" || other.phase !== "in") continue;
      if (other.accountId === visit.accountId && nameOf(other.server) === nameOf(visit.server))
        return `${visit.client} is at character select with account ${visit.accountId}, beside ${other.client}`;
    }
    return null;
  }

  #note({ life, tier, key, before, after }: FactOf<"lock-changed">, nowMs: number): null {
    const [kind, accountId] = key.split(":");
    if (kind !== "character") return null;
    for (const visit of this.#visits.all) {
      if (visit.door !== "char" || visit.accountId !== Number(accountId)) continue;
      if (worldOf(nameOf(visit.server)) !== tier) continue;
      if (after?.loginId1 === visit.loginId1) this.#lost.delete(visit);
      else if (visit.phase === "in" && !this.#lost.has(visit)) {
        // What its store does not answer, it does not know of.
        const lastMs = this.#disturbances.lastMs(pathOf(life), nowMs);
        // Of what a map-server had, nothing follows for whoever chooses.
        const isOwn = before?.owner?.server === nameOf(life);
        const knows = isOwn && life === visit.server && lastMs !== Number.POSITIVE_INFINITY;
        const boundMs = knows ? tellMs : this.#lookMs;
        this.#lost.set(visit, { sinceMs: nowMs, boundMs });
      }
    }
    return null;
  }

  #judge(nowMs: number): string | null {
    for (const [visit, { sinceMs, boundMs }] of this.#lost) {
      if (visit.phase === "over") this.#lost.delete(visit);
      else {
        const lastMs = this.#disturbances.lastMs(pathOf(visit.server), nowMs) ?? 0;
        if (nowMs > Math.max(sinceMs, lastMs) + boundMs)
          return `${visit.client} is at character select since the lock went to another ${Math.round(nowMs - sinceMs)} ms ago`;
      }
    }
    return null;
  }
}
