/*
 * These timers are short, so that much happens in a minute. Most faults last longer than some of the timers.
 * `homeMsMax` is computed from the timers.
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
};

/**
 * Servers run the reconnect and reclaim timers for this much longer than the settings say: see `waitMsFor`.
 */
const longerMs = 2 * 1_500;
/** A server gives up a link if nothing arrives on it for this long. */
const linkDownMs = 8_250;
/**
 * The longest pause before a server tries to link again, plus the duration of the attempt before the pause.
 */
const relinkMs = 5_000 * 1.5 + 5_000;
/** Maximum time from the return of a server until a gateway lists it. */
const listedMs = 3_000;
/** On a busy machine, the process that was killed last needs this long to start. */
const startMs = 10_000;

/**
 * The longest time from a broken link until the server is linked again. First, the other side notices that
 * the link is broken. Then three timers run for the server's lock: lease, reconnect and reclaim. After these
 * timers, the server links again.
 */
const serverMs =
  linkDownMs +
  timers.TIMER_LEASE_MS +
  timers.TIMER_RECONNECT_MS +
  timers.TIMER_RECLAIM_MS +
  longerMs +
  relinkMs;

/** Time limit of a client for an answer. The checks allow less, so the history contains late answers too. */
export const answerMs = 90_000;
/** What was under way when an order was over may arrive so much later. No fault holds it back for longer. */
export const lateMs = 30_000;

/**
 * All players have to be in the world again this many milliseconds after the last fault. In the longest case a
 * process starts, and `serverMs` passes twice: the char-server links to a login-server, and then the
 * map-servers link to the char-server. The gateway lists all servers. Older clients are asked to leave twice:
 * by the login, and at the char door.
 */
export const homeMsMax = startMs + 2 * serverMs + listedMs + 2 * (timers.TIMER_EVICT_MS + 2_000);
