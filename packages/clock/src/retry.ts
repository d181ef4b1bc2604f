import { type Clock, delay, systemClock } from "./clock.ts";

export interface Retrying<A> {
  readonly clock?: Clock;
  /** Replaces the clock's wait, for waits that can be cut short. */
  readonly wait?: (ms: number) => Promise<void>;
  /** The pause before the next try, in milliseconds; null: the answer is final. `tries` counts from 1. */
  readonly pauseAfter?: (answer: A, tries: number) => number | null;
  /** The same after an error; null: it is thrown. Absent: every error is thrown. */
  readonly pauseAfterError?: (error: unknown, tries: number) => number | null;
}

/** Asks again until an answer or an error is final. */
export async function retry<A>(
  ask: (tries: number) => Promise<A>,
  { clock = systemClock, ...options }: Retrying<A>,
): Promise<A> {
  const { wait = (ms) => delay(clock, ms), pauseAfter = () => null, pauseAfterError = () => null } = options;
  for (let tries = 1; ; tries += 1) {
    const asked = ask(tries);
    const pauseMs = await asked.then(
      (answer) => pauseAfter(answer, tries),
      (error: unknown) => pauseAfterError(error, tries),
    );
    if (pauseMs === null) return asked;
    await wait(pauseMs);
  }
}

/** The pause after `failures` failures in a row, from 0: it doubles up to `maxMs`. */
export const backOffMs = (failures: number, { minMs, maxMs }: { minMs: number; maxMs: number }): number =>
  Math.min(maxMs, minMs * 2 ** failures);
