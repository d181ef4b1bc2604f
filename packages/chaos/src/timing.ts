/*
 * Short timers, so that much happens in a minute: most faults outlast some of them. `homeMsMax` is what they add up to.
 */

export const stepMs = 30;

const timers = {
  TIMER_LEASE_MS: 2_000,
  TIMER_RECONNECT_MS: 4_000,
  TIMER_RECLAIM_MS: 4_000,
  TIMER_EVICT_MS: 3_000,
  TIMER_HAND_OVER_MS: 2_000,
  TIMER_CHAR_TO_MAP_MS: 4_000,
  TIMER_MAP_TO_CHAR_MS: 4_000,
  TIMER_LOGIN_TO_CHAR_MS: 4_000,
  TIMER_CHOOSE_MS: 6_000,
};

export const chaosSettings: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(timers).map(([name, ms]) => [name, String(ms)])),
  MAP_AUTOSAVE_SECONDS: "1",
  MAP_STEP_MS: String(stepMs),
  GATEWAY_GONE_MS: "6000",
  // Nobody here guesses passwords.
  LOGIN_FAILURES_PER_ADDRESS: "0",
};

/** Lock and reclaim timer wait longer than the settings say, so that a server may be away for that long: see `waitMsFor`. */
const longerMs = 2 * 1_500;
/** By then a link that nothing comes through is given up. */
const linkDownMs = 8_250;
/** The longest pause before the next attempt to link, with what the attempt before may have taken. */
const relinkMs = 5_000 * 1.5 + 5_000;
/** Until a gateway's list of servers has one that is back. */
const listedMs = 3_000;
/** A process that was killed at last, on a machine with other things to do. */
const startMs = 10_000;

/**
 * How long after the last fault everybody has to be in the world again. A server whose link nobody noticed to be dead
 * is given up, its lock runs through lease, reconnect and reclaim timer, it links anew, first to the login-server and
 * then from the map-servers; then whoever is in the way is asked to leave, by the login and at the char door; and the gateway finds them all.
 */
const serverMs =
  linkDownMs +
  timers.TIMER_LEASE_MS +
  timers.TIMER_RECONNECT_MS +
  timers.TIMER_RECLAIM_MS +
  longerMs +
  relinkMs;
export const homeMsMax = startMs + 2 * serverMs + listedMs + 2 * (timers.TIMER_EVICT_MS + 2_000);
