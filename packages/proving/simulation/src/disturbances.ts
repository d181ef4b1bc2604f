import type { Fact } from "./facts.ts";
import type { Fault } from "./planned.ts";
import { lateMs, stragglesMs } from "./service.ts";
import { isMap, lockTiers, loginNames, serverNames, worldOf, worlds } from "./topology.ts";

/**
 * Records which parts of the cluster the planned failures of a seed disturb, and for how long. Some rules
 * hold only while nothing goes wrong. The checkers of these rules look here to see whether something went
 * wrong.
 */

type FaultOf<K extends Fault["kind"]> = Extract<Fault, { kind: K }>;

interface Disturbance {
  /** The disturbed parts: names of servers, clients and stores, and "network". */
  readonly parts: readonly string[];
  /**
   * How long the disturbance lasts. If Infinity, it lasts until the server is up again or all planned
   * failures are healed.
   */
  readonly forMs: number;
  /** The failure can have effects for this long after its end, even after all failures are healed. */
  readonly lateMs?: number;
}

interface Disturbed {
  readonly untilMs: number;
  readonly lateMs: number;
}

/**
 * The time that is allowed after a slow operation. In this time, the timers of hand-overs and evictions run
 * out, and clients repeat their requests.
 */
const passingMs = 4_000;
const never: Disturbed = { untilMs: Number.NEGATIVE_INFINITY, lateMs: 0 };

const lasting = (part: string, forMs: number): Disturbance => ({ parts: [part], forMs });

/**
 * Returns the name of the part that is disturbed while this server stands still. A death disturbs the part
 * with the server's own name. A standstill has a part of its own, because it does more harm: after a death, a
 * new process starts.
 */
export const standstillOf = (server: string): string => `${server}, standing still`;

/**
 * Returns the name of the part for the connection between two servers. The order of the arguments does not
 * matter.
 */
export const pairOf = (one: string, other: string): string => [one, other].sort().join(" and ");

/** If a client cannot reach a server, only that client is disturbed. */
const between = (from: string, to: string, forMs: number): Disturbance => {
  const clients = [from, to].filter((name) => !isServer(name));
  return { parts: clients.length > 0 ? clients : [from, to, pairOf(from, to)], forMs };
};

/** Each kind of planned failure can disturb these parts for this long. */
const disturbances: { readonly [K in Fault["kind"]]: (fault: FaultOf<K>) => Disturbance } = {
  crash: ({ server }) => lasting(server, Number.POSITIVE_INFINITY),
  "crash-at-boundary": ({ server }) => lasting(server, Number.POSITIVE_INFINITY),
  stop: ({ server }) => lasting(server, Number.POSITIVE_INFINITY),
  pause: ({ server, forMs }) => ({ parts: [server, standstillOf(server)], forMs }),
  "pause-at-boundary": ({ server, forMs }) => ({ parts: [server, standstillOf(server)], forMs }),
  cut: ({ between: [from, to] }) => between(from, to, 0),
  block: ({ from, to, forMs }) => between(from, to, forMs),
  store: ({ store, forMs, slowMs }) => ({ ...lasting(store, forMs), lateMs: 2 * slowMs }),
  "given-up": ({ forMs }) => ({ ...lasting("database", forMs), lateMs: lateMs.others[1] }),
  stragglers: ({ forMs }) => ({ ...lasting("database", forMs), lateMs: stragglesMs[1] }),
  "slow-network": ({ forMs, slowMs }) => ({ ...lasting("network", forMs), lateMs: slowMs }),
  disk: ({ server, forMs }) => lasting(server, forMs),
  "store-clock": ({ tiers }) => ({ parts: tiers, forMs: 0 }),
  // While the pretender is connected, the rightful owner of the name is refused. The owner asks again only
  // after a pause.
  pretender: ({ forMs }) => ({ ...lasting(worlds.Alpha.char, forMs), lateMs: 6_000 }),
  "wall-clock": () => ({ parts: [], forMs: 0 }),
  "locks-lost": ({ tiers, newestMs }) => ({ parts: tiers, forMs: newestMs ?? 0 }),
};

const of = (fault: Fault): Disturbance => (disturbances[fault.kind] as (fault: Fault) => Disturbance)(fault);

/** The name of the server of a process, such as `map-1` for `map-1#2`. */
export const nameOf = (life: string): string => life.split("#")[0] ?? life;
const isServer = (name: string): boolean => serverNames.some((each) => each === name);

export class Disturbances {
  readonly #parts = new Map<string, Disturbed>();
  /** The key is a part of the cluster. The value is the end of a delay that no planned failure caused. */
  readonly #passing = new Map<string, number>();

  readonly saw = (fact: Fact, nowMs: number): void => {
    if (fact.type === "struck") {
      const { parts, forMs, lateMs: late = 0 } = of(fact.fault);
      for (const part of parts) {
        const { untilMs, lateMs } = this.#parts.get(part) ?? { untilMs: 0, lateMs: 0 };
        this.#parts.set(part, { untilMs: Math.max(nowMs + forMs, untilMs), lateMs: Math.max(late, lateMs) });
      }
    } else if (fact.type === "slow-statement") {
      this.#passing.set("database", Math.max(nowMs + fact.takesMs, this.#passing.get("database") ?? 0));
    } else if (fact.type === "hint-lost") {
      this.#passing.set("hints", nowMs);
    } else if (fact.type === "healed") {
      for (const [part, { untilMs, lateMs }] of this.#parts)
        this.#parts.set(part, { untilMs: Math.min(untilMs, nowMs), lateMs });
    } else if (fact.type === "started" && this.#parts.has(nameOf(fact.life))) {
      this.#parts.set(nameOf(fact.life), { untilMs: nowMs, lateMs: 0 });
    }
  };

  /**
   * Returns when the last failure of these parts ended. Returns Infinity if a failure is active now, and null
   * if there was no failure.
   */
  lastMs(parts: readonly string[], nowMs: number): number | null {
    const ends = parts.flatMap((part) => {
      const { untilMs, lateMs } = this.#parts.get(part) ?? never;
      return [untilMs + lateMs, this.#passing.get(part) ?? Number.NEGATIVE_INFINITY];
    });
    const untilMs = Math.max(...ends);
    if (untilMs === Number.NEGATIVE_INFINITY) return null;
    return untilMs > nowMs ? Number.POSITIVE_INFINITY : untilMs;
  }

  /**
   * True under two conditions. 1: no planned failure has disturbed these parts. 2: no slow operation overlaps
   * the time since `sinceMs`.
   */
  areCalm(parts: readonly string[], sinceMs: number): boolean {
    return parts.every((part) => {
      const passedMs = this.#passing.get(part) ?? Number.NEGATIVE_INFINITY;
      return !this.#parts.has(part) && passedMs + passingMs < sinceMs;
    });
  }
}

/** Returns the parts that a map-server needs in order to hear about its players and to save them. */
export const pathOf = (life: string): readonly string[] => {
  const name = nameOf(life);
  const world = worldOf(name);
  if (world === null) return [name, "login", "network", "database"];
  const { char } = worlds[world];
  return isMap(name)
    ? [name, char, world, "network", "database"]
    : [char, world, "login", "network", "database"];
};

/**
 * Returns the parts of `pathOf`, and the parts that those need. A login may have to wait for any of these
 * parts.
 */
export const wholePathOf = (life: string): readonly string[] => {
  const world = worldOf(nameOf(life));
  if (world === null) return [...serverNames, ...lockTiers, "network", "database", "hints"];
  return [...pathOf(life), ...loginNames, "login", "hints", ...worlds[world].maps];
};
