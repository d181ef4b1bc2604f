import type { LockTiming } from "@sallyport/lock-core";
import type { Fault, Plan } from "./plan.ts";

/** By then a link that nothing comes through is given up. */
export const linkDownMs = 8_000 + 250;
/** The longest pause before the next attempt to link, with what the attempt before may have taken. */
const relinkMs = 5_000 * 1.5 + 5_000;
/** What a client may have to wait beside timers: its own pauses, turns of sweeps, and asking a few times. */
const patienceMs = 4_000;

/**
 * How long after the last fault everybody has to be in the world again, at most. A server whose link nobody noticed
 * to be dead is given up, its lock runs through lease and reconnect timer, it links anew; then whoever is in the way
 * is asked to leave, twice at most (by the login, and at the char door), which has its timer too.
 */
export function recoveryMs(timing: LockTiming, secondLogin: "takeover" | "reject"): number {
  const { leaseMs, reconnectMs, evictMs, reclaimMs } = timing;
  const server = linkDownMs + leaseMs + reconnectMs + reclaimMs + relinkMs;
  const eviction = 2 * (evictMs + 2_000) + (secondLogin === "reject" ? 2_000 : 0);
  // Char-server to login-server, and then map-server to char-server.
  return 2 * server + eviction + patienceMs;
}

/** And where locks were lost, which may be noticed as late as anything: until they are put back, and linked servers again. */
export const lossMs = ({ reconnectMs, reclaimMs }: LockTiming): number =>
  reconnectMs + reclaimMs + relinkMs + patienceMs;

/** Deadlines that were set before come so much later. */
export const setBackMs = (faults: readonly Fault[]): number =>
  faults.reduce((sum, fault) => sum + (fault.kind === "store-clock" ? Math.max(0, -fault.byMs) : 0), 0);

/** Of a client that vanished, and nobody tells its server. */
const silentClientMs = 45_000;

/** By then all timers have run out that anything was left to. */
export const settleMs = ({ timing, secondLogin, faults }: Plan): number =>
  Math.max(recoveryMs(timing, secondLogin), silentClientMs + patienceMs) + lossMs(timing) + setBackMs(faults);

/** For how long a map-server that lost its link plays on, at most, and until it has let go. */
export const heldMs = ({ timing, autosaveMs }: Plan): number => 1.4 * timing.reconnectMs + autosaveMs + 2_000;

/** The shortest of the timers of a client on its way from one door to the next. */
export const betweenDoorsMs = ({ loginToCharMs, charToMapMs, mapToCharMs }: LockTiming): number =>
  Math.min(loginToCharMs, charToMapMs, mapToCharMs);
