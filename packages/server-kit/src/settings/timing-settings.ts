import { defaultLockTiming, type LockTiming, waitMsFor } from "@sallyport/lock-core";
import { about } from "./setting-topics.ts";
import { countSetting, type Environment, readSettings, type Setting, SettingsInvalid } from "./settings.ts";
import { timingMisfits } from "./timing-misfits.ts";

const docs: { readonly [K in keyof LockTiming]: string } = {
  loginToCharMs:
    "Milliseconds in which a client has to show its login ids at the char-server after its login has succeeded.",
  charToMapMs:
    "Milliseconds in which a client has to show its login ids at the map-server after the map-server has accepted its character.",
  mapToCharMs:
    "Milliseconds in which a client that left the map has to show its login ids at the char-server again.",
  chooseMs:
    "Milliseconds for which an account stays at character select. The char-server renews this time while the client is connected.",
  handOverMs: "Milliseconds in which a map-server has to acknowledge a character that is handed to it.",
  evictMs:
    "Milliseconds in which the owner of a lock has to save the character and release the lock after an eviction request.",
  leaseMs:
    "Milliseconds for which the lease of a linked server lasts. Each sign of life from the server renews the lease. When the lease ends, the server counts as disconnected.",
  reconnectMs:
    "Milliseconds for which a server can be without its link and still reclaim its locks afterwards. Other servers wait a little longer before they free these locks.",
  reclaimMs: "Milliseconds in which a server has to reclaim its locks after it has connected again.",
};

const day = 86_400_000;
const variableOf = (name: string): string => `TIMER_${name.replace(/[A-Z]/g, "_$&").toUpperCase()}`;

/**
 * The timers of the locks, such as `TIMER_LOGIN_TO_CHAR_MS`. All servers of a cluster must have the same
 * values.
 */
export const timingSettings = about(
  "timers",
  Object.fromEntries(
    Object.entries(docs).map(([name, doc]) => [
      name,
      countSetting(variableOf(name), doc, defaultLockTiming[name as keyof LockTiming], 1, day),
    ]),
  ) as { readonly [K in keyof LockTiming]: Setting<number> },
);

/**
 * Reads the timers. Throws `SettingsInvalid`, also if two timers do not fit each other. The setting
 * `reconnectMs` says how long a server can be without its link. The returned `reconnectMs` is longer, because
 * linking again takes time. The returned `reclaimMs` is longer by the same time, because `reclaimMs` must not
 * be shorter than `reconnectMs`.
 */
export function readTiming(environment: Environment): LockTiming {
  const timing = readSettings(timingSettings, environment);
  const problems = timingMisfits(timing);
  if (problems.length > 0) {
    throw new SettingsInvalid(problems.map((problem) => problem.replace(/\b\w+Ms\b/g, variableOf)));
  }
  const reconnectMs = waitMsFor(timing.reconnectMs);
  return { ...timing, reconnectMs, reclaimMs: timing.reclaimMs + reconnectMs - timing.reconnectMs };
}

/**
 * Returns how long servers are allowed to restore locks that the store lost. A server without a link can come
 * back until `reconnectMs` is over. It then has `reclaimMs` to reclaim its locks. A server that comes back
 * after that no longer relies on its locks.
 */
export const lossGraceMs = ({ reconnectMs, reclaimMs }: LockTiming): number => reconnectMs + reclaimMs;
