/** Each time limits a state of a lock, in milliseconds. */
export interface LockTiming {
  /** The longest time from the login-server's answer until the client shows its ids at a char-server. */
  readonly loginToCharMs: number;
  /** The longest time from the char-server's answer until the client shows its ids at the map-server. */
  readonly charToMapMs: number;
  /** The longest time from leaving the map-server until the client shows its ids at the char-server again. */
  readonly mapToCharMs: number;
  /** The lease of a client at character select. The char-server renews it while the client is connected. */
  readonly chooseMs: number;
  /** The longest time from the offer of a character until the map-server acknowledges it. */
  readonly handOverMs: number;
  /** The longest time from a request to release a lock until its owner has saved and released. */
  readonly evictMs: number;
  /** A connected server has a lease of this length. The server that answers its link renews the lease. */
  readonly leaseMs: number;
  /** The longest time from the loss of a server's link until the server comes back with its cookie. */
  readonly reconnectMs: number;
  /** The longest time from the return of a server until it has reclaimed its locks. */
  readonly reclaimMs: number;
}

export const defaultLockTiming: LockTiming = {
  loginToCharMs: 30_000,
  charToMapMs: 30_000,
  mapToCharMs: 30_000,
  chooseMs: 60_000,
  handOverMs: 5_000,
  evictMs: 10_000,
  leaseMs: 6_000,
  reconnectMs: 15_000,
  reclaimMs: 15_000,
};

/**
 * The tables need some of these times to be longer than others. Each result names the setting that is wrong.
 */
export function timingProblems(timing: LockTiming): readonly string[] {
  const problems = Object.entries(timing)
    .filter(([, ms]) => !Number.isInteger(ms) || ms <= 0)
    .map(([name]) => `${name} must be a whole number of milliseconds above 0`);
  if (timing.handOverMs >= timing.charToMapMs) {
    problems.push("handOverMs must be shorter than charToMapMs: the client waits for both");
  }
  if (timing.evictMs > timing.chooseMs) {
    problems.push(
      "evictMs must not be longer than chooseMs: a client must not wait longer for an eviction than it may take to choose",
    );
  }
  if (timing.leaseMs >= timing.reconnectMs) {
    problems.push(
      "leaseMs must be shorter than reconnectMs: while the lease of its old link lasts, a server cannot come back over a new one, and after reconnectMs it steps down",
    );
  }
  if (timing.reclaimMs < timing.reconnectMs) {
    problems.push(
      "reclaimMs must not be shorter than reconnectMs: a server that comes back steps down by itself after that time",
    );
  }
  return problems;
}
