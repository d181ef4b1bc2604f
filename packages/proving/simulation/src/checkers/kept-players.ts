import { characterLockKey } from "@sallyport/lock-core";
import { type Disturbances, nameOf, pairOf, standstillOf, wholePathOf } from "../disturbances.ts";
import { healthyNetworkMs } from "../latencies.ts";
import { worldOf } from "../topology.ts";
import type { Checker, FactOf, Rules } from "./checker.ts";
import type { KnownLocks } from "./known-locks.ts";

export interface KeptPlayersOptions {
  readonly locks: KnownLocks;
  readonly disturbances: Disturbances;
  readonly players: () => Iterable<readonly [life: string, charIds: readonly number[]]>;
}

interface Hopped {
  readonly by: string;
  readonly from: string;
  readonly charId: number;
  readonly nowMs: number;
}

/** Maximum milliseconds until a map-server receives an answer that was sent to it. */
const heardMs = healthyNetworkMs[1] + 1;
/** Maximum milliseconds from the change of a lock until the map-server knows of the change. */
const toldMs = 200;
const lookEveryMs = 50;

/**
 * While nothing goes wrong, a map-server soon forgets an expected or leaving character when the character's
 * lock becomes free or goes to another owner.
 */
export class KeptPlayers implements Checker {
  readonly name = "kept-players";
  readonly #options: KeptPlayersOptions;
  readonly #accounts = new Map<number, number>();
  /**
   * The key is a server process with a character. The value is the time since when the map-server has kept
   * this character without its lock.
   */
  #strays = new Map<string, number>();
  #lookedMs = 0;
  readonly #hopped: Hopped[] = [];

  constructor(options: KeptPlayersOptions) {
    this.#options = options;
  }

  readonly rules: Rules = {
    taken: ({ charId, accountId }) => {
      this.#accounts.set(charId, accountId);
      return null;
    },
    answered: ({ life, to, refusal, request: { type, charId = 0 } }, nowMs) => {
      if (type === "character.hop" && refusal === null)
        this.#hopped.push({ by: life, from: to, charId, nowMs });
      return this.#looksBack(nowMs);
    },
    "channel-heard": (_, nowMs) => this.#looksBack(nowMs),
    said: (_: FactOf<"said">, nowMs) => {
      const kept = this.#looksBack(nowMs);
      if (kept !== null) return kept;
      if (nowMs < this.#lookedMs + lookEveryMs) return null;
      this.#lookedMs = nowMs;
      return this.#look(nowMs);
    },
  };

  /**
   * After a hop, the source map-server forgets the character as soon as it receives the answer, whatever
   * fails elsewhere.
   */
  #looksBack(nowMs: number): string | null {
    for (let [hop] = this.#hopped; hop !== undefined && nowMs > hop.nowMs + heardMs; [hop] = this.#hopped) {
      this.#hopped.shift();
      const { by, from, charId } = hop;
      const name = nameOf(from);
      // If the server that answered dies soon after, its answer may be lost in transit.
      const path = [name, standstillOf(name), nameOf(by), pairOf(name, nameOf(by)), "network"];
      const lastMs = this.#options.disturbances.lastMs(path, nowMs) ?? Number.NEGATIVE_INFINITY;
      if (lastMs >= hop.nowMs || this.#isMeant(from, charId)) continue;
      for (const [life, charIds] of this.#options.players()) {
        if (life === from && charIds.includes(charId))
          return `${from} keeps character ${charId}, which has moved to another map-server`;
      }
    }
    return null;
  }

  #look(nowMs: number): string | null {
    const before = this.#strays;
    this.#strays = new Map();
    for (const [life, charIds] of this.#options.players()) {
      for (const charId of charIds) {
        if (this.#isMeant(life, charId)) continue;
        const sinceMs = before.get(`${life} ${charId}`) ?? nowMs;
        this.#strays.set(`${life} ${charId}`, sinceMs);
        if (nowMs > sinceMs + toldMs && this.#options.disturbances.areCalm(wholePathOf(life), sinceMs))
          return `${life} keeps character ${charId}, although its lock has named another for ${Math.round(nowMs - sinceMs)} ms`;
      }
    }
    return null;
  }

  #isMeant(life: string, charId: number): boolean {
    const name = nameOf(life);
    const lock = this.#options.locks.of(worldOf(name), characterLockKey(this.#accounts.get(charId) ?? 0));
    return lock?.charId === charId && (lock.owner?.server === name || lock.target?.server === name);
  }
}
