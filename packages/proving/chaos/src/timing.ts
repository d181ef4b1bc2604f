/*
 * Short timers, so that much happens in a minute: most faults outlast some of them. `homeMsMax` is their sum.
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
  // No client here guesses passwords.
  LOGIN_FAILURES_PER_ADDRESS: "0",
};

/**
 * Lock and reclaim timers wait longer than the settings say, so that a server may be away for that long: see
 * `waitMsFor`.
 */
const longerMs = 2 * 1_500;
/** After this time a link over which nothing comes is given up. */
const linkDownMs = 8_250;
/** The longest pause before the next attempt to link, with the time that the earlier attempt took. */
const relinkMs = 5_000 * 1.5 + 5_000;
/** The time until a gateway lists a server that is back. */
const listedMs = 3_000;
/** The start of a process that was killed last, on a machine with other work. */
const startMs = 10_000;

/**
 * How long after the last fault all players have to be in the world again. In the longest case, a server
 * whose link died unnoticed is given up, and its lock runs through the lease, reconnect and reclaim timers.
 * The servers link again, first the char-server to the login-server and then the map-servers. Then older
 * clients are asked to leave, by the login and at the char door. Last, the gateway finds all servers.
 */
const serverMs =
  linkDownMs +
  timers.TIMER_LEASE_MS +
  timers.TIMER_RECONNECT_MS +
  timers.TIMER_RECLAIM_MS +
  longerMs +
  relinkMs;
export const homeMsMax = startMs + 2 * serverMs + listedMs + 2 * (timers.TIMER_EVICT_MS + 2_000);
