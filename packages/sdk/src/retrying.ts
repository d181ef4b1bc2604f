import { type Clock, retry, systemClock } from "@sallyport/clock";
import type { Outcome } from "@sallyport/domain";

export interface RetryOptions<Refusal> {
  readonly attemptsMax: number;
  readonly clock?: Clock;
  /** Waits before the next attempt. The default waits with `clock`. Replace it to cut waits short. */
  readonly wait?: (ms: number) => Promise<void>;
  /** If the server asks for a longer wait, there is no further attempt. The default is 60,000. */
  readonly waitMsMax?: number;
  /** Called before each wait. Return false to give up. */
  readonly again?: (refusal: Refusal, attempt: number) => boolean;
}

/**
 * Repeats a request while the server refuses it with `retryAfterMs`, and waits that long between attempts.
 * Returns the last outcome.
 */
export const retrying = <Answer extends Outcome<unknown, string>>(
  ask: () => Promise<Answer>,
  {
    attemptsMax,
    clock = systemClock,
    wait,
    waitMsMax = 60_000,
    again = () => true,
  }: RetryOptions<Exclude<Answer, { readonly ok: true }>>,
): Promise<Answer> =>
  retry(wait ?? clock, ask, (answer, attempt) => {
    if (answer.ok || answer.retryAfterMs === undefined) return null;
    if (attempt >= attemptsMax || answer.retryAfterMs > waitMsMax) return null;
    return again(answer as Exclude<Answer, { readonly ok: true }>, attempt) ? answer.retryAfterMs : null;
  });
