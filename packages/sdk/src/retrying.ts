import { type Clock, retry, systemClock } from "@sallyport/clock";
import type { Outcome, Refused } from "@sallyport/domain";

export interface RetryOptions<Code extends string> {
  readonly attemptsMax: number;
  readonly clock?: Clock;
  /** Waits before the next attempt. The default waits with `clock`. Replace it to cut waits short. */
  readonly wait?: (ms: number) => Promise<void>;
  /** If the server asks for a longer wait, there is no further attempt. The default is 60,000. */
  readonly waitMsMax?: number;
  /** Called before each wait. Return false to give up. */
  readonly again?: (refusal: Refused<Code>, attempt: number) => boolean;
}

/**
 * Repeats a request while the server refuses it with `retryAfterMs`, and waits that long between attempts.
 * Returns the last outcome.
 */
export const retrying = <Value, Code extends string>(
  ask: () => Promise<Outcome<Value, Code>>,
  { attemptsMax, clock = systemClock, wait, waitMsMax = 60_000, again = () => true }: RetryOptions<Code>,
): Promise<Outcome<Value, Code>> =>
  retry(wait ?? clock, ask, (outcome, attempt) => {
    if (outcome.ok || outcome.retryAfterMs === undefined) return null;
    if (attempt >= attemptsMax || outcome.retryAfterMs > waitMsMax) return null;
    return again(outcome, attempt) ? outcome.retryAfterMs : null;
  });
