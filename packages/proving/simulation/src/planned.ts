import type { LockTiming } from "@sallyport/lock-core";
import type { DiskFault } from "./simulated-disks.ts";
import type { LockTier, ServerName, StoreName, Topology, WorldName } from "./topology.ts";

/* The types of a plan. `plan.ts` draws the plans. */

export type Fault = { readonly id: string; readonly atMs: number } & (
  | {
      readonly kind: "crash";
      readonly server: ServerName;
      readonly how: "reset" | "silent";
      readonly downMs: number;
    }
  /** After `atMs` the server crashes at its n-th request to a store or the network. */
  | {
      readonly kind: "crash-at-boundary";
      readonly server: ServerName;
      readonly boundary: number;
      readonly how: "reset" | "silent";
      readonly downMs: number;
    }
  /**
   * The server is told to stop, and is started again some time after that. A map-server can drain before it
   * stops, for a limited time.
   */
  | {
      readonly kind: "stop";
      readonly server: ServerName;
      readonly how: "release" | "keep";
      readonly downMs: number;
      readonly drainMs: number | null;
    }
  | { readonly kind: "pause"; readonly server: ServerName; readonly forMs: number }
  | {
      readonly kind: "pause-at-boundary";
      readonly server: ServerName;
      readonly boundary: number;
      readonly forMs: number;
    }
  | { readonly kind: "cut"; readonly between: readonly [string, string] }
  | {
      readonly kind: "block";
      readonly from: string;
      readonly to: string;
      readonly isBothWays: boolean;
      readonly forMs: number;
    }
  | {
      readonly kind: "store";
      readonly store: StoreName;
      readonly failing: number;
      readonly slowMs: number;
      readonly forMs: number;
    }
  /** The database answers this share of statements only after later statements. */
  | { readonly kind: "stragglers"; readonly share: number; readonly forMs: number }
  /** The database reports this share of statements as failed, and runs them later. */
  | {
      readonly kind: "given-up";
      /** `edits` means that only statements that create or delete something fail. */
      readonly of: "all" | "edits";
      readonly share: number;
      readonly forMs: number;
    }
  | { readonly kind: "slow-network"; readonly slowMs: number; readonly forMs: number }
  /**
   * A pretender claims the world of this cluster. The pretender is a char-server that uses the name of this
   * world's char-server, but has its own lock store.
   */
  | { readonly kind: "pretender"; readonly forMs: number }
  /** The disk that holds a server's cookie file fails. */
  | { readonly kind: "disk"; readonly server: ServerName; readonly fails: DiskFault; readonly forMs: number }
  /** The clock of a lock store jumps forwards, or backwards if `byMs` is negative. */
  | { readonly kind: "store-clock"; readonly tiers: readonly LockTier[]; readonly byMs: number }
  | { readonly kind: "wall-clock"; readonly server: ServerName; readonly aheadMs: number }
  /** A lock store loses all locks, or the locks that changed in the last `newestMs` milliseconds. */
  | { readonly kind: "locks-lost"; readonly tiers: readonly LockTier[]; readonly newestMs: number | null }
);

export interface PlannedClient {
  readonly name: string;
  readonly account: number;
  readonly startMs: number;
  /**
   * `hops`: the client enters the world at once, then goes from map to map. `lingers`: the client goes from
   * map to map in the same way, with a pause after each entry. `clings`: the client keeps its login and
   * choice, whatever the server answers. `rushes`: the client logs in at the same moment as others.
   */
  readonly temper: "any" | "hops" | "lingers" | "clings" | "rushes";
}

/** Something that an operator does about an account, or about a character: `slot` of it in the world. */
export interface PlannedAct {
  readonly id: string;
  readonly atMs: number;
  readonly what: "rename" | "move" | "kick" | "ban" | "put-out" | "role" | "password" | "password-end";
  /** For how long a ban holds. */
  readonly forMs: number;
  /** Whether a login-server is told of an order about an account. */
  readonly isTold: boolean;
  readonly account: number;
  readonly world: WorldName;
  readonly slot: number;
}

/** The servers of a run and their settings. */
export interface PlannedServers extends Topology {
  readonly timing: LockTiming;
  readonly secondLogin: "takeover" | "reject";
  readonly autosaveMs: number;
  /** Whether servers have a disk. The next process of a server reads the cookie from this disk. */
  readonly hasDisks: boolean;
  /** Maximum share by which a clock runs fast or slow. Jumps of clocks are separate failures. */
  readonly drift: number;
  /** `all`: both map-servers of a world have both maps. `one`: each has one map. */
  readonly mapsEach: "all" | "one";
  readonly playersMax: number;
  /** Seconds between a client's first request to delete a character and its deletion. */
  readonly deletionS: number;
}

export interface Plan extends PlannedServers {
  readonly isInterleaved: boolean;
  /** Whether clients also create accounts, and create and delete characters. */
  readonly hasEdits: boolean;
  /** Whether clients also change passwords, and type old ones. */
  readonly hasPasswordChanges: boolean;
  readonly accounts: number;
  readonly clients: readonly PlannedClient[];
  readonly faults: readonly Fault[];
  readonly acts: readonly PlannedAct[];
  /**
   * If true, clients stay away at the end until all timers have run out. Checkers then look at the locks that
   * are left.
   */
  readonly settles: boolean;
  /** The last planned failure is over at this time. */
  readonly calmMs: number;
}

/**
 * These clients and planned failures are left out of a run, to find the smallest run that still breaks a
 * rule.
 */
export interface LeftOut {
  readonly clients: ReadonlySet<string>;
  readonly faults: ReadonlySet<string>;
}
export const nothingLeftOut: LeftOut = { clients: new Set(), faults: new Set() };
