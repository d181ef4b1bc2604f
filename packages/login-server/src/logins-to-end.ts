import { retry } from "@sallyport/clock";
import { type AccountId, type Fence, kickFor, Unavailable } from "@sallyport/domain";
import { type Host, orUnavailable } from "@sallyport/server-kit";
import type { AccountLocks } from "./account-locks.ts";

const againMs = 1_000;
const forMsMax = 600_000;

/**
 * Ends logins after a password was changed. The new password is set already, so the client is not told to
 * change it again: if the locks do not answer, this login-server asks them again, for ten minutes at most.
 */
export class LoginsToEnd {
  readonly #host: Pick<Host, "clock" | "log" | "failed">;
  readonly #locks: Pick<AccountLocks, "putOut">;
  #isStopped = false;

  constructor(host: Pick<Host, "clock" | "log" | "failed">, locks: Pick<AccountLocks, "putOut">) {
    this.#host = host;
    this.#locks = locks;
  }

  /**
   * Ends the login that has the account, and no later one: `upTo` is the fence that the new password raised. No
   * login that began before can choose a character any more. Resolves after the first try.
   */
  async end(accountId: AccountId, upTo: Fence): Promise<void> {
    const { log, clock, failed } = this.#host;
    const untilMs = clock.nowMs() + forMsMax;
    const tryOnce = async () => {
      await this.#locks.putOut(accountId, kickFor("credential-changed"), upTo);
      return { ok: true } as const;
    };
    const ended = await orUnavailable(log, tryOnce);
    if (ended.ok) return;
    const again = (error: unknown): number | null =>
      error instanceof Unavailable && !this.#isStopped && clock.nowMs() < untilMs ? againMs : null;
    retry(clock, tryOnce, () => null, again).catch((error) => {
      if (!(error instanceof Unavailable)) failed(error);
    });
  }

  stop(): void {
    this.#isStopped = true;
  }
}
