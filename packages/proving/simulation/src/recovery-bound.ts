import type { LockTiming } from "@sallyport/lock-core";
import type { Fault, Plan } from "./planned.ts";

/** The longest time until a server gives up a silent link. */
export const linkDownMs = 8_000 + 250;
/** The longest pause before the next attempt to link, plus the time of the failed attempt before it. */
const relinkMs = 5_000 * 1.5 + 5_000;
/** The time a client may wait apart from timers: its own pauses, turns of sweeps, and a few retries. */
const patienceMs = 4_000;

/**
 * The longest time after the last fault until every account is in the world again. A server with an unnoticed
 * dead link is given up, its lock runs through lease and reconnect timer, and it links anew. Then an owner in
 * the way is asked to leave at most twice (by the login and at the char door), under a timer each.
 */
export function recoveryMs(timing: LockTiming, secondLogin: "takeover" | "reject"): number {
  const { leaseMs, reconnectMs, evictMs, reclaimMs } = timing;
  const server = linkDownMs + leaseMs + reconnectMs + reclaimMs + relinkMs;
  const eviction = 2 * (evictMs + 2_000) + (secondLogin === "reject" ? 2_000 : 0);
  // The char-server links to the login-server first, then the map-server to the char-server.
  return 2 * server + eviction + patienceMs;
}

/**
 * Extra time after a loss of locks, which servers may notice late: owners restore them and servers link anew.
 */
export const lossMs = ({ reconnectMs, reclaimMs }: LockTiming): number =>
  reconnectMs + reclaimMs + relinkMs + patienceMs;

/** A clock that was set back delays the earlier deadlines by this much. */
export const setBackMs = (faults: readonly Fault[]): number =>
  faults.reduce((sum, fault) => sum + (fault.kind === "store-clock" ? Math.max(0, -fault.byMs) : 0), 0);

/** Time until a server notices a client that vanished without a sign. */
const silentClientMs = 45_000;

/** After this time, every timer that a lock or a client still waited for has run out. */
export const settleMs = ({ timing, secondLogin, faults }: Plan): number =>
  Math.max(recoveryMs(timing, secondLogin), silentClientMs + patienceMs) + lossMs(timing) + setBackMs(faults);

/** The longest time that a map-server without its link plays on, plus the time to let its players go. */
export const heldMs = ({ timing, autosaveMs }: Plan): number => 1.4 * timing.reconnectMs + autosaveMs + 2_000;

/** The shortest timer of a client between two doors. */
export const betweenDoorsMs = ({ loginToCharMs, charToMapMs, mapToCharMs }: LockTiming): number =>
  Math.min(loginToCharMs, charToMapMs, mapToCharMs);
