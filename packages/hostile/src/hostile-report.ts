import type { BotsReport } from "@sallyport/bots";
import type { Toll } from "./attack/attack.ts";
import type { Allocator } from "./cluster/allocator.ts";
import type { Memory } from "./cluster/memory.ts";
import type { Worst } from "./cluster/watch.ts";
import type { WayName } from "./way.ts";

export const phases = ["before", "during", "after"] as const;
export type Phase = (typeof phases)[number];

export interface ServerReport {
  readonly name: string;
  readonly isRunning: boolean;
  readonly memory: {
    /** Before the attack that everything is warmed up with. */
    readonly fresh: Memory;
    readonly before: Memory;
    readonly peakBytes: number;
    readonly after: Memory;
  };
  readonly worst: Readonly<Record<Phase, Worst>>;
  /** Connections of clients that ended while attacked, by why the server says that they did. */
  readonly ended: Readonly<Record<string, number>>;
  readonly turnedAway: Readonly<Record<string, number>>;
  /** What it logged while attacked, by message and reason. */
  readonly logged: Readonly<Record<string, number>>;
  readonly loggedBytes: number;
  /** Lines that held a secret, whenever. */
  readonly leaks: number;
}

export interface PortReport {
  readonly name: string;
  readonly port: number;
  /** With no bot there; null where the system does not tell. */
  readonly before: number | null;
  readonly after: number | null;
}

export interface AttackReport extends Toll {
  readonly name: string;
  readonly what: string;
}

/** What a run came to; also what `--json` writes. */
export interface HostileReport {
  readonly seed: number;
  readonly layout: "separate" | "up";
  readonly allocator: Allocator;
  /** How many times the resident memory from before a server may have afterwards. */
  readonly residentGrowthMax: number;
  readonly attackSeconds: number;
  readonly bots: Readonly<Record<WayName, Readonly<Record<Phase, BotsReport>>>>;
  readonly servers: readonly ServerReport[];
  readonly ports: readonly PortReport[];
  readonly attacks: readonly AttackReport[];
  /** Empty: it held. */
  readonly problems: readonly string[];
}
