import { randomBytes as cryptoRandomBytes } from "node:crypto";
import { systemClock } from "@sallyport/clock";
import type { Operators } from "@sallyport/operator";
import { createLog, type Host, type Metrics } from "@sallyport/server-kit";
import type { Checks, Orders } from "./admin-port.ts";

/** The real clock, random numbers, log and metrics that each server gets from its process. */
export interface Shell extends Host {
  /** Aborted if the process has to end while it starts. */
  readonly stopping?: AbortSignal | undefined;
}

/** Each line of its log carries `marks`. */
export function createShell(
  { name, marks }: { readonly name: string; readonly marks: object },
  level: string,
  metrics: Metrics,
  bug: (error: unknown) => void,
): Shell {
  const log = createLog(name, level).child(marks);
  return {
    clock: systemClock,
    wallMs: Date.now,
    random: Math.random,
    randomBytes: (count) => cryptoRandomBytes(count),
    log,
    metrics,
    failed(error) {
      log.fatal({ err: error }, "internal error (a bug); the process ends");
      bug(error);
    },
  };
}

/** `to-return`: another process will soon take the place of this one. `for-good`: none will. */
export type StopReason = "to-return" | "for-good";

/** A server that was started. */
export interface Running {
  /** The conditions that must hold before the process can serve clients. */
  readonly checks: Checks;
  /** Answers the questions of operators. Null: it reaches no store to read. */
  readonly operators: Operators | null;
  /** The orders that it takes through the admin port from callers that know its key. */
  readonly orders?: Orders;
  /**
   * Called before `stop`. Passes on the players that other servers can take, and lets the rest finish.
   * Resolves when that is done, at a time limit, or when the server is stopped. Null: there is nothing to
   * wait for.
   */
  drain?(why: StopReason): Promise<void> | null;
  /** Ids of the characters that are not saved for the last time yet. */
  unsaved?(): readonly number[];
  stop(why: StopReason): Promise<void>;
}
