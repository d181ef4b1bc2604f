import type { AccountId } from "@sallyport/domain";

/** The minute begins with the first token in it. */
const minuteMs = 60_000;
/** A client needs one token an hour for each kind of server. */
const tokensMax = 10;

interface Minute {
  readonly endsMs: number;
  tokens: number;
}

/**
 * Limits the tokens that one account gets for its login ids, because each of them is signed and noted in the
 * trail. Times are milliseconds on one monotonic clock.
 */
export class TokenAllowance {
  /** In the order in which the minutes end. Has only accounts that asked within the last minute. */
  readonly #minutes = new Map<AccountId, Minute>();

  /** Returns the milliseconds until the account may get a token. 0: it may have one now, and that is counted. */
  take(accountId: AccountId, nowMs: number): number {
    this.#forgetEnded(nowMs);
    const minute = this.#minutes.get(accountId);
    if (minute === undefined) {
      this.#minutes.set(accountId, { endsMs: nowMs + minuteMs, tokens: 1 });
      return 0;
    }
    if (minute.tokens >= tokensMax) return minute.endsMs - nowMs;
    minute.tokens += 1;
    return 0;
  }

  #forgetEnded(nowMs: number): void {
    for (const [accountId, { endsMs }] of this.#minutes) {
      if (endsMs > nowMs) return;
      this.#minutes.delete(accountId);
    }
  }
}
