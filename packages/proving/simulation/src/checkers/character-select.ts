import { characterLockKey, lockIdOf, lockKindOf } from "@sallyport/lock-core";
import { type Disturbances, nameOf, pathOf } from "../disturbances.ts";
import { worldOf } from "../topology.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";
import type { Visit, Visits } from "./visits.ts";

/** Within this many milliseconds, the char-server learns that its change took effect and tells the client. */
const tellMs = 20;

/** At most one client of an account is at character select in a world. Its login must have the lock. */
export class AtCharacterSelect implements Checker {
  readonly name = "at-character-select";
  readonly #visits: Visits;
  readonly #disturbances: Disturbances;
  /**
   * After at most this many milliseconds, a char-server looks at its locks again and sees changes by other
   * servers.
   */
  readonly #lookMs: number;
  /**
   * Clients whose lock has belonged to a different login since `sinceMs`. The server has `boundMs` to tell
   * the client.
   */
  readonly #lost = new Map<Visit, { readonly sinceMs: number; readonly boundMs: number }>();

  constructor(visits: Visits, disturbances: Disturbances, chooseMs: number) {
    this.#visits = visits;
    this.#disturbances = disturbances;
    this.#lookMs = Math.max(50, chooseMs / 3) + 200;
  }

  readonly rules: Rules = {
    answered: ({ channel, refusal, request }) =>
      request.type === "char.enter" && refusal === null ? this.#isAlone(channel) : null,
    // A loss can take away the lock of a client at character select. The char-server then restores the lock,
    // or sends the client away within a bound.
    "locks-lost": ({ tier, locks }, nowMs) => {
      const left = new Map(locks);
      for (const visit of this.#visits.all) {
        if (visit.door !== "char" || worldOf(nameOf(visit.server)) !== tier) continue;
        const isIts = left.get(characterLockKey(visit.accountId))?.loginId1 === visit.loginId1;
        if (isIts || visit.phase !== "in") this.#lost.delete(visit);
        else this.#lost.set(visit, { sinceMs: nowMs, boundMs: this.#lookMs });
      }
      return null;
    },
    "lock-changed": (changed, nowMs) => this.#note(changed, nowMs),
    // Servers send messages all the time, so this check runs often.
    said: (_, nowMs) => this.#judge(nowMs),
  };

  #isAlone(channel: number): string | null {
    const visit = this.#visits.of(channel);
    if (visit === undefined || visit.phase !== "in") return null;
    for (const other of this.#visits.all) {
      if (other === visit || other.door !== "char" || other.phase !== "in") continue;
      if (other.accountId === visit.accountId && nameOf(other.server) === nameOf(visit.server))
        return `${visit.client} and ${other.client} are both at character select with account ${visit.accountId}`;
    }
    return null;
  }

  #note({ life, tier, key, before, after }: FactOf<"lock-changed">, nowMs: number): null {
    const [kind, accountId] = [lockKindOf(key), lockIdOf(key)];
    if (kind !== "character") return null;
    for (const visit of this.#visits.all) {
      if (visit.door !== "char" || visit.accountId !== Number(accountId)) continue;
      if (worldOf(nameOf(visit.server)) !== tier) continue;
      if (after?.loginId1 === visit.loginId1) this.#lost.delete(visit);
      else if (visit.phase === "in" && !this.#lost.has(visit)) {
        // A char-server cannot know of a changed lock while its store does not answer.
        const lastMs = this.#disturbances.lastMs(pathOf(life), nowMs);
        // The char-server can tell its client at once only if it changed its own lock.
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
          return `${visit.client} is still at character select ${Math.round(nowMs - sinceMs)} ms after another took its lock`;
      }
    }
    return null;
  }
}
