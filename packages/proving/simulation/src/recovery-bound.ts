import type { LockTiming } from "@sallyport/lock-core";
import type { Fault, Plan } from "./planned.ts";

/** If nothing arrives on a link for this many milliseconds, both servers have given it up. */
export const linkDownMs = 8_000 + 250;
/**
 * Maximum pause before the next attempt to link, plus the duration of the failed attempt before the pause.
 */
const relinkMs = 5_000 * 1.5 + 5_000;
/**
 * Milliseconds that a client may wait for other reasons than lock timers: its own pauses, periods of sweeps,
 * and a few retries.
 */
const patienceMs = 4_000;

/**
 * Maximum time from the end of the last planned failure until every account is in the world again. In the
 * worst case, a link is dead and nobody has noticed it. Then three things happen in turn. 1: the link times
 * out. 2: the server's lock waits for the lease and the reconnect timer. 3: the server links again. After
 * that, an older owner may have to leave twice: once because of the login, and once at the char door. Each of
 * these two has its own timer.
 */
export function recoveryMs(timing: LockTiming, secondLogin: "takeover" | "reject"): number {
  const { leaseMs, reconnectMs, evictMs, reclaimMs } = timing;
  const server = linkDownMs + leaseMs + reconnectMs + reclaimMs + relinkMs;
  const eviction = 2 * (evictMs + 2_000) + (secondLogin === "reject" ? 2_000 : 0);
  // The sum counts two links, because the map-server links to the char-server only after the char-server has
  // linked to the login-server.
  return 2 * server + eviction + patienceMs;
}

/**
 * Extra time after a loss of locks. Servers can notice the loss late. Owners restore their locks, and servers
 * link again, only after that.
 */
export const lossMs = ({ reconnectMs, reclaimMs }: LockTiming): number =>
  reconnectMs + reclaimMs + relinkMs + patienceMs;

/** Backward jumps of clocks delay deadlines that are already set by this many milliseconds. */
export const setBackMs = (faults: readonly Fault[]): number =>
  faults.reduce((sum, fault) => sum + (fault.kind === "store-clock" ? Math.max(0, -fault.byMs) : 0), 0);

/** Milliseconds until a server notices that a silent client is gone. */
const silentClientMs = 45_000;

/**
 * Milliseconds from the end of the last planned failure until every timer of a lock or a client has run out.
 */
export const settleMs = ({ timing, secondLogin, faults }: Plan): number =>
  Math.max(recoveryMs(timing, secondLogin), silentClientMs + patienceMs) + lossMs(timing) + setBackMs(faults);

/**
 * Maximum time for which a map-server without its link keeps its players, plus the time to disconnect them.
 */
export const heldMs = ({ timing, autosaveMs }: Plan): number => 1.4 * timing.reconnectMs + autosaveMs + 2_000;

/** Returns the shortest timer for a client on its way between two doors. */
export const betweenDoorsMs = ({ loginToCharMs, charToMapMs, mapToCharMs }: LockTiming): number =>
  Math.min(loginToCharMs, charToMapMs, mapToCharMs);
