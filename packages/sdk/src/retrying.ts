import { type Clock, retry, systemClock } from "@sallyport/clock";
import type { Outcome, Refused } from "@sallyport/domain";

export interface RetryOptions<Code extends string> {
  readonly attemptsMax: number;
  readonly clock?: Clock;
  /** Replaces the clock's wait, for waits that can be cut short. */
  readonly wait?: (ms: number) => Promise<void>;
  /** If the server asks for a longer wait than this, the refusal is final. */
  readonly waitMsMax?: number;
  /** Called before each wait; `false` gives up. */
  readonly again?: (refusal: Refused<Code>, attempt: number) => boolean;
}

/** Repeats a request after a temporary refusal, no sooner than the server said. Other refusals are final. */
export const retrying = <Value, Code extends string>(
  ask: () => Promise<Outcome<Value, Code>>,
  { attemptsMax, clock = systemClock, wait, waitMsMax = 60_000, again = () => true }: RetryOptions<Code>,
): Promise<Outcome<Value, Code>> =>
  retry(wait ?? clock, ask, (outcome, attempt) => {
    if (outcome.ok || outcome.retryAfterMs === undefined) return null;
    if (attempt >= attemptsMax || outcome.retryAfterMs > waitMsMax) return null;
    return again(outcome, attempt) ? outcome.retryAfterMs : null;
  });
