import type { BotsReport } from "@sallyport/bots";
import type { Toll } from "./attack/attack.ts";
import type { Allocator } from "./cluster/allocator.ts";
import type { Memory } from "./cluster/memory.ts";
import type { Worst } from "./cluster/watch.ts";
import type { TalkReport } from "./talkers.ts";
import type { WayName } from "./way.ts";

export const phases = ["before", "during", "after"] as const;
export type Phase = (typeof phases)[number];

export interface ServerReport {
  readonly name: string;
  readonly isRunning: boolean;
  readonly memory: {
    /** Memory before the warm-up attack. */
    readonly fresh: Memory;
    readonly before: Memory;
    readonly peakBytes: number;
    readonly after: Memory;
  };
  readonly worst: Readonly<Record<Phase, Worst>>;
  /** Client connections that ended during the attack, by the reason that the server gives. */
  readonly ended: Readonly<Record<string, number>>;
  readonly turnedAway: Readonly<Record<string, number>>;
  /** Log lines during the attack, by message and reason. */
  readonly logged: Readonly<Record<string, number>>;
  readonly loggedBytes: number;
  /** Log lines with a secret, from the whole run. */
  readonly leaks: number;
}

export interface PortReport {
  readonly name: string;
  readonly port: number;
  /** Number of connections while no bot is connected. Null if the system does not show this number. */
  readonly before: number | null;
  readonly after: number | null;
}

export interface AttackReport extends Toll {
  readonly name: string;
  readonly what: string;
  /** Answers that no server may give. */
  readonly forbidden: readonly string[];
}

/** The result of a run, as `--json` writes it. */
export interface HostileReport {
  readonly seed: number;
  readonly layout: "separate" | "up";
  readonly allocator: Allocator;
  /** After the attack, resident memory may be at most this many times as large as before it. */
  readonly residentGrowthMax: number;
  readonly attackSeconds: number;
  readonly bots: Readonly<Record<WayName, Readonly<Record<Phase, BotsReport>>>>;
  /** Two people at the ports of the front. */
  readonly talk: Readonly<Record<Phase, TalkReport>>;
  readonly servers: readonly ServerReport[];
  readonly ports: readonly PortReport[];
  readonly attacks: readonly AttackReport[];
  /** Empty if the cluster withstood the attack. */
  readonly problems: readonly string[];
}
