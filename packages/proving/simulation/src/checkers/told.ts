import { lockIdOf, lockKindOf } from "@sallyport/lock-core";
import { type Disturbances, nameOf, pairOf, standstillOf } from "../disturbances.ts";
import type { StoredLock } from "../facts.ts";
import { isMap } from "../topology.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";

/** A server process that must learn of a changed lock. */
interface Due {
  readonly life: string;
  readonly server: string;
  readonly tier: string;
  readonly sinceMs: number;
  readonly what: "character.forget" | "character.kick";
  readonly lock: StoredLock;
}

/** Maximum milliseconds until a server learns that its change took effect and tells the owner. */
const tellMs = 20;

/**
 * If a char-server takes a character away from a map-server, or wants the character to leave, it tells that
 * map-server at once. If the two are linked and the lock store answers, other failures are no excuse.
 */
export class Told implements Checker {
  readonly name = "told";
  readonly #disturbances: Disturbances;
  /**
   * The key is a map-server. The value has the two linked processes: of the map-server and of the
   * char-server.
   */
  readonly #linked = new Map<string, { readonly incarnation: string; readonly by: string }>();
  readonly #links = new Map<number, string>();
  /** Characters that their map-servers released themselves, with keys like `character under fence`. */
  readonly #leaving = new Set<string>();
  /**
   * Characters that a char-server takes back, with keys like `char-server: character under fence`. The
   * char-server announces this to the map-server before it changes the lock.
   */
  readonly #forgotten = new Set<string>();
  #due: Due[] = [];

  constructor(disturbances: Disturbances) {
    this.#disturbances = disturbances;
  }

  readonly rules: Rules = {
    "locks-lost": ({ tier }) => {
      this.#due = this.#due.filter((due) => due.tier !== tier);
      return null;
    },
    died: ({ life }) => {
      this.#due = this.#due.filter((due) => due.life !== life);
      return null;
    },
    "channel-over": ({ channel }) => this.#unlink(channel),
    "channel-heard": ({ channel }) => this.#unlink(channel),
    "lock-changed": (changed, nowMs) => {
      if (lockKindOf(changed.key) === "server") this.#noteServer(changed);
      else if (lockKindOf(changed.key) === "character") this.#note(changed, nowMs);
      return null;
    },
    said: ({ channel, life, message: { type, charId, charFence } }, nowMs) => {
      if (isMap(nameOf(life)) && type === "link.alive") this.#links.set(channel, nameOf(life));
      if (type === "character.leave") this.#leaving.add(`${charId} under ${charFence}`);
      if (type === "character.forget") this.#forgotten.add(`${life}: ${charId} under ${charFence}`);
      if (type === "character.forget" || type === "character.kick")
        this.#due = this.#due.filter(
          ({ lock, what, ...due }) =>
            due.life !== life || what !== type || lock.charId !== charId || lock.charFence !== charFence,
        );
      return this.#judge(nowMs);
    },
  };

  /** Without a link, the char-server owes the map-server no message. */
  #unlink(channel: number): null {
    const server = this.#links.get(channel);
    this.#links.delete(channel);
    if (server !== undefined) this.#due = this.#due.filter((due) => due.server !== server);
    return null;
  }

  #noteServer({ life, key, before, after }: FactOf<"lock-changed">): void {
    const server = lockIdOf(key);
    if (!isMap(server)) return;
    const { state, incarnation } = after ?? {};
    if (state !== "connected" || incarnation === undefined) this.#linked.delete(server);
    else if (before?.incarnation !== incarnation) this.#linked.set(server, { incarnation, by: life });
  }

  #note({ life, tier, before, after, storeMs }: FactOf<"lock-changed">, nowMs: number): void {
    const { server, incarnation } = before?.owner ?? {};
    if (before === null || server === undefined || before.charFence === undefined) return;
    const linked = this.#linked.get(server);
    const isLinked = linked?.incarnation === incarnation && linked?.by === life;
    if (!isLinked || ![...this.#links.values()].includes(server)) return;
    const isAsked = after?.state === "evicting" && before.state !== "evicting";
    const hasRunOut = after === null && before.deadlineMs !== undefined && storeMs >= before.deadlineMs;
    const of = `${before.charId} under ${before.charFence}`;
    const isTaken = hasRunOut && !this.#leaving.has(of) && !this.#forgotten.has(`${life}: ${of}`);
    if (!isAsked && !isTaken) return;
    const what = isAsked ? "character.kick" : "character.forget";
    this.#due.push({ life, server, tier, sinceMs: nowMs, what, lock: before });
  }

  #judge(nowMs: number): string | null {
    for (let [due] = this.#due; due !== undefined && nowMs > due.sinceMs + tellMs; [due] = this.#due) {
      this.#due.shift();
      const { life, server, tier, sinceMs, what, lock } = due;
      const char = nameOf(life);
      const path = [char, tier, standstillOf(char), pairOf(server, char)];
      const lastMs = this.#disturbances.lastMs(path, nowMs) ?? Number.NEGATIVE_INFINITY;
      if (lastMs < sinceMs)
        return `${life} did not send ${what} to ${server} after it changed the lock of character ${lock.charId}: ${JSON.stringify(lock)}`;
    }
    return null;
  }
}
