import { retry } from "@sallyport/clock";
import type { AccountStore } from "@sallyport/database";
import { type AccountId, type Fence, kickFor, Unavailable } from "@sallyport/domain";
import { type Host, orUnavailable } from "@sallyport/server-kit";
import type { AccountLocks } from "./account-locks.ts";

export interface LoginsToEndDeps {
  readonly accounts: Pick<AccountStore, "raiseFence">;
  readonly locks: Pick<AccountLocks, "putOut">;
}

const againMs = 1_000;
const forMsMax = 600_000;

/**
 * Ends logins after a password was changed. The new password is set already, so the client is not told to
 * change it again: if a store does not answer, this login-server asks it again, for ten minutes at most.
 */
export class LoginsToEnd {
  readonly #host: Pick<Host, "clock" | "log" | "failed">;
  readonly #deps: LoginsToEndDeps;
  #isStopped = false;

  constructor(host: Pick<Host, "clock" | "log" | "failed">, deps: LoginsToEndDeps) {
    this.#host = host;
    this.#deps = deps;
  }

  /**
   * Ends the login that has the account, and no later one. No login that began before can choose a character any
   * more. Resolves after the first try.
   */
  async end(accountId: AccountId): Promise<void> {
    const { log, clock, failed } = this.#host;
    const untilMs = clock.nowMs() + forMsMax;
    const tryOnce = this.#ending(accountId);
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

  /** The fence is raised once, so that a later try does not end a login that came after the change. */
  #ending(accountId: AccountId): () => Promise<{ readonly ok: true }> {
    const { accounts, locks } = this.#deps;
    let newest: Fence | null = null;
    return async () => {
      if (newest === null) {
        const raised = await accounts.raiseFence(accountId, undefined, { evenIfBanned: true });
        // Somebody deleted the account, and with it its logins.
        if (!raised.ok) return { ok: true };
        newest = raised.value.fence;
      }
      await locks.putOut(accountId, kickFor("credential-changed"), newest);
      return { ok: true };
    };
  }
}
