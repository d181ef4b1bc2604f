import { type LockTiming, timingProblems } from "@sallyport/lock-core";
import { type Waits, waits } from "../links/waits.ts";

interface Misfit {
  readonly is: (timing: LockTiming, waits: Waits) => boolean;
  readonly says: (waits: Waits) => string;
}

const misfits: readonly Misfit[] = [
  {
    is: (timing, { sweepMs, askMs, clientMs }) => timing.evictMs + sweepMs + askMs > clientMs,
    says: ({ sweepMs, askMs, clientMs }) =>
      `evictMs must be at most ${clientMs - sweepMs - askMs}: a login waits for it, and clients wait ${clientMs} ms for an answer`,
  },
  {
    is: (timing, { askMs, clientMs }) => timing.handOverMs + askMs > clientMs,
    says: ({ askMs, clientMs }) =>
      `handOverMs must be at most ${clientMs - askMs}: a client that chose a character waits for it, and clients wait ${clientMs} ms for an answer`,
  },
  {
    is: (_timing, { enterMs, askMs, clientMs }) => enterMs + askMs > clientMs,
    says: ({ clientMs }) =>
      `enterMs and askMs must not be longer than the ${clientMs} ms that clients wait for an answer`,
  },
];

/**
 * Describes timers that do not fit each other or the fixed bounds. Each text contains the name of the wrong
 * timer.
 */
export const timingMisfits = (timing: LockTiming, bounds: Waits = waits): readonly string[] => [
  ...timingProblems(timing),
  ...misfits.filter(({ is }) => is(timing, bounds)).map(({ says }) => says(bounds)),
];
