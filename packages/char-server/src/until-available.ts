import { type Clock, delay } from "@sallyport/clock";
import { Unavailable } from "@sallyport/domain";
import type { Log } from "@sallyport/server-kit";

export interface UntilAvailable {
  readonly clock: Clock;
  readonly log: Log;
  /** The log message while the store does not answer. */
  readonly waits: string;
  readonly isOver: () => boolean;
}

const retryMs = 1_000;

/** Repeats the request until the store answers; null: `isOver` came first. */
export async function untilAvailable<T>(
  ask: () => Promise<T>,
  { clock, log, waits, isOver }: UntilAvailable,
): Promise<T | null> {
  while (!isOver()) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      log.warn({ err: error }, waits);
      await delay(clock, retryMs);
    }
  }
  return null;
}
