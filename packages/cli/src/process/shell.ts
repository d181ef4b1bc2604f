import { randomBytes as cryptoRandomBytes } from "node:crypto";
import { systemClock } from "@sallyport/clock";
import type { Operators } from "@sallyport/operator";
import type { Host, Log, Metrics } from "@sallyport/server-kit";
import type { Checks } from "./admin-port.ts";

/** Each server gets these from its process: the real clock, random numbers, the log and the metrics. */
export interface Shell extends Host {
  /** This signal aborts if the process has to end before its start is complete. */
  readonly stopping?: AbortSignal | undefined;
}

export function createShell(log: Log, metrics: Metrics, bug: (error: unknown) => void): Shell {
  return {
    clock: systemClock,
    wallMs: Date.now,
    random: Math.random,
    randomBytes: pooledRandomBytes(),
    log,
    metrics,
    failed(error) {
      log.fatal({ err: error }, "internal error (a bug); the process ends");
      bug(error);
    },
  };
}

const poolBytes = 4_096;

/** Draws many random bytes at once, because a call of the system costs much more than a few bytes. */
function pooledRandomBytes(): Host["randomBytes"] {
  let pool = new Uint8Array();
  return (count) => {
    if (count > poolBytes) return cryptoRandomBytes(count);
    if (count > pool.length) pool = cryptoRandomBytes(poolBytes);
    const drawn = pool.slice(0, count);
    pool = pool.subarray(count);
    return drawn;
  };
}

/** `to-return`: another process will soon take the place of this one. `for-good`: no process will. */
export type StopReason = "to-return" | "for-good";

export interface Running {
  readonly checks: Checks;
  /** Answers the requests of operators. Null if this process has no store to read. */
  readonly operators: Operators | null;
  /**
   * Called before `stop`. Hands over the players that other servers can take, and lets other clients finish.
   * Resolves in three cases. 1: all of them have left. 2: a time limit is over. 3: the server is stopped.
   * Returns null if there is nothing to wait for.
   */
  drain?(why: StopReason): Promise<void> | null;
  /** Writes to the log who is in, without secrets. Absent if this process does not know. */
  logWhoIsIn?(): Promise<void>;
  /** Returns the ids of the characters whose last save is not stored yet. */
  unsaved?(): readonly number[];
  stop(why: StopReason): Promise<void>;
}
