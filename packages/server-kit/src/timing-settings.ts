import { defaultLockTiming, type LockTiming } from "@sallyport/lock-core";
import { waitMsFor } from "./link-hold.ts";
import { countSetting, type Environment, readSettings, type Setting, SettingsInvalid } from "./settings.ts";
import { timingMisfits } from "./timing-misfits.ts";

const docs: { readonly [K in keyof LockTiming]: string } = {
  loginToCharMs: "from login until the client shows its ids at the char-server",
  charToMapMs: "from choosing until the client shows its ids at the map-server",
  mapToCharMs: "from leaving the map until the client is back at character select",
  chooseMs: "at character select, renewed while the client is connected",
  handOverMs: "until a map-server acknowledges a character",
  evictMs: "until an owner that was asked to leave has saved and released",
  leaseMs: "a linked server counts as connected without a sign of life",
  reconnectMs: "a server may be away and come back; it is given up a little later",
  reclaimMs: "until a server that came back has reclaimed what it had",
};

const day = 86_400_000;
const variableOf = (name: string): string => `TIMER_${name.replace(/[A-Z]/g, "_$&").toUpperCase()}`;

/** The timers of the locks, `TIMER_LOGIN_TO_CHAR_MS` and so on. All servers of a cluster take the same. */
export const timingSettings = Object.fromEntries(
  Object.entries(docs).map(([name, doc]) => [
    name,
    countSetting(
      variableOf(name),
      `milliseconds ${doc}`,
      defaultLockTiming[name as keyof LockTiming],
      1,
      day,
    ),
  ]),
) as { readonly [K in keyof LockTiming]: Setting<number> };

/**
 * Throws `SettingsInvalid`, also where two timers do not go together. `reconnectMs` is how long a server may be away; its
 * lock waits for as much longer as that takes, and so does the reclaim timer, which must not end before.
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
 * For how long locks that the store lost are put back. A server whose link was down may come back this late, and begin to
 * reclaim; whoever did not by then counts on nothing any more.
 */
export const lossGraceMs = ({ reconnectMs, reclaimMs }: LockTiming): number => reconnectMs + reclaimMs;
