import { Random } from "@sallyport/random";
import type { Direction } from "@sallyport/rig";
import {
  frontLinks,
  gatewayLinks,
  type LinkName,
  serverLinks,
  serverNames,
  storeLinks,
} from "./cluster/names.ts";
import { describePart, type Part } from "./cluster/part.ts";
import { describeAct, type PlannedAct, planActs, planAuthorActs } from "./operator/plan-acts.ts";

/*
 * The faults and their times are drawn from a seed before anything starts. Each part of the cluster has only
 * one fault at a time, so that the end of a fault restores that part. Faults of different parts overlap at
 * random.
 */

export type Fault = { readonly of: Part } & (
  | { readonly kind: "kill" | "pause" | "cut" }
  | {
      readonly kind: "hold";
      readonly ways: readonly Direction[];
      readonly whom: "everybody" | "those here";
      readonly endsBy: "late" | "reset";
    }
  | { readonly kind: "delay"; readonly delayMs: number }
  /** `lag`: a replica gets no data for a time, and then takes over. */
  | { readonly kind: "empty" | "lag" }
);

export type PlannedFault = Fault & {
  /** The fault begins this many milliseconds after the start of the plan. */
  readonly atMs: number;
  readonly forMs: number;
};

export interface PlanOptions {
  readonly seed: number;
  readonly durationMs: number;
  /** Whether faults may make Redis lose all its data, or its newest data. */
  readonly losesRedis: boolean;
}

interface Choice {
  readonly kind: Fault["kind"];
  readonly of: readonly Part[];
  /** How often this fault is drawn, relative to the other faults. */
  readonly weight: number;
  readonly forMs: readonly [number, number];
}

const redis: readonly Part[] = [{ kind: "redis" }];
const postgres: readonly Part[] = [{ kind: "postgres" }];
const servers = serverNames.map((name): Part => ({ kind: "server", name }));
const doors = serverNames.map((name): Part => ({ kind: "door", name }));
const linksFrom = (names: readonly LinkName[]): readonly Part[] =>
  names.map((name): Part => ({ kind: "link", name }));
const links = linksFrom(serverLinks);
const led = linksFrom(gatewayLinks);
const ahead = linksFrom(frontLinks);
const stores = linksFrom(storeLinks);

/**
 * The faults last about as long as the lock timers, which run for 2 to 6 s. So some faults end before a timer
 * does, and other faults end long after a timer.
 */
const choices: readonly Choice[] = [
  { kind: "kill", of: servers, weight: 9, forMs: [50, 7_000] },
  { kind: "pause", of: servers, weight: 6, forMs: [500, 9_000] },
  { kind: "cut", of: links, weight: 4, forMs: [0, 6_000] },
  { kind: "hold", of: links, weight: 5, forMs: [500, 12_000] },
  { kind: "delay", of: links, weight: 2, forMs: [2_000, 8_000] },
  { kind: "cut", of: doors, weight: 2, forMs: [0, 2_000] },
  { kind: "hold", of: doors, weight: 3, forMs: [500, 8_000] },
  { kind: "delay", of: doors, weight: 1, forMs: [2_000, 6_000] },
  { kind: "cut", of: led, weight: 1, forMs: [0, 4_000] },
  { kind: "hold", of: led, weight: 2, forMs: [500, 12_000] },
  { kind: "delay", of: led, weight: 1, forMs: [2_000, 6_000] },
  { kind: "cut", of: ahead, weight: 1, forMs: [0, 4_000] },
  { kind: "hold", of: ahead, weight: 1.5, forMs: [500, 12_000] },
  { kind: "delay", of: ahead, weight: 1, forMs: [2_000, 6_000] },
  { kind: "cut", of: stores, weight: 1, forMs: [0, 4_000] },
  { kind: "hold", of: stores, weight: 2, forMs: [500, 7_000] },
  { kind: "delay", of: stores, weight: 1, forMs: [1_000, 6_000] },
  { kind: "kill", of: redis, weight: 2, forMs: [50, 6_000] },
  { kind: "pause", of: redis, weight: 2, forMs: [500, 7_000] },
  { kind: "kill", of: postgres, weight: 2, forMs: [50, 4_000] },
  { kind: "pause", of: postgres, weight: 2, forMs: [500, 7_000] },
  // This pause is so long that servers give up their connections and the requests on them.
  { kind: "pause", of: postgres, weight: 0.7, forMs: [15_500, 18_000] },
];
const losses: readonly Choice[] = [
  { kind: "empty", of: redis, weight: 2, forMs: [50, 4_000] },
  { kind: "lag", of: redis, weight: 2, forMs: [20, 3_000] },
];

/** At least the first and at most the second time passes from one fault to the next. */
const gapMs = [200, 4_500] as const;
const ways: readonly (readonly Direction[])[] = [["up", "down"], ["up"], ["down"]];

export const accountNames = (bots: number): readonly string[] =>
  Array.from({ length: bots }, (_, index) => `chaos_${index}`);

/** Accounts that write to a leaderboard. No bot plays them. */
export const authorNames: readonly string[] = Array.from({ length: 4 }, (_, index) => `author_${index}`);

/** The operator's acts have streams of their own, so that the faults of a seed do not depend on them. */
export const planOperator = ({
  seed,
  durationMs,
  bots,
}: Pick<PlanOptions, "seed" | "durationMs"> & { readonly bots: number }): PlannedAct[] => {
  const random = new Random(`seed ${seed}`);
  return [
    ...planActs(random.fork("acts"), { accounts: accountNames(bots), durationMs }),
    ...planAuthorActs(random.fork("author acts"), { accounts: authorNames, durationMs }),
  ];
};

export function planChaos({ seed, durationMs, losesRedis }: PlanOptions): PlannedFault[] {
  const random = new Random(`seed ${seed}`);
  const all = losesRedis ? [...choices, ...losses] : choices;
  const faults: PlannedFault[] = [];
  const busyUntilMs = new Map<string, number>();
  for (let atMs = random.whole(...gapMs); atMs < durationMs; atMs += random.whole(...gapMs)) {
    const choice = pickWeighted(random, all);
    const of = random.pick(choice.of);
    const forMs = Math.min(random.whole(...choice.forMs), durationMs - atMs);
    const fault = { ...detail(random, choice.kind, of), atMs, forMs };
    const part = describePart(of);
    if (atMs < (busyUntilMs.get(part) ?? 0)) continue;
    // After a fault, a process needs some time to come back. No other fault may affect the process in this
    // time.
    busyUntilMs.set(part, atMs + forMs + 1_500);
    faults.push(fault);
  }
  return faults;
}

function detail(random: Random, kind: Fault["kind"], of: Part): Fault {
  switch (kind) {
    case "hold":
      return {
        kind,
        of,
        ways: random.pick(ways),
        whom: random.chance(0.3) ? "those here" : "everybody",
        endsBy: random.chance(0.5) ? "late" : "reset",
      };
    case "delay":
      return { kind, of, delayMs: random.whole(20, 800) };
    case "kill":
    case "pause":
    case "cut":
    case "empty":
    case "lag":
      return { kind, of };
  }
}

function pickWeighted(random: Random, from: readonly Choice[]): Choice {
  let left = random.next() * from.reduce((sum, { weight }) => sum + weight, 0);
  for (const choice of from) {
    left -= choice.weight;
    if (left < 0) return choice;
  }
  return from[from.length - 1] as Choice;
}

export function describeFault(fault: Fault): string {
  const part = describePart(fault.of);
  switch (fault.kind) {
    case "kill":
      return `${part} killed`;
    case "pause":
      return `${part} paused`;
    case "cut":
      return `${part} cut`;
    case "hold": {
      const way =
        fault.ways.length === 2 ? "both ways" : fault.ways[0] === "up" ? "towards the server" : "back";
      const whom = fault.whom === "everybody" ? "" : " for those connected";
      return `${part} held ${way}${whom}, ends ${fault.endsBy === "late" ? "with all of it arriving late" : "reset"}`;
    }
    case "delay":
      return `${part} delayed by ${fault.delayMs} ms`;
    case "empty":
      return `${part} killed, back empty`;
    case "lag":
      return `${part} replaced by a replica that has nothing of all that`;
  }
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(1).padStart(6);

export const describePlan = (faults: readonly PlannedFault[], acts: readonly PlannedAct[]): string[] =>
  [
    ...faults.map((fault) => ({ ...fault, what: describeFault(fault) })),
    ...acts.map((act) => ({ ...act, what: describeAct(act) })),
  ]
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, forMs, what }) => `${seconds(atMs)} s for ${seconds(forMs)} s  ${what}`);
