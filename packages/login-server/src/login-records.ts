import type { AccountStore } from "@sallyport/database";
import { type AccountId, type Outcome, type Refused, refused } from "@sallyport/domain";
import { type Host, orUnavailable } from "@sallyport/server-kit";

export type Recorded = Outcome<Record<never, never>, "raised-meanwhile" | "banned" | "unavailable">;

/**
 * Returns the answer to a login that waited for the lock. During the wait, the account may have been banned, or
 * a newer login may have raised the fence on another login-server. Then the lock passes on, or expires.
 */
export function unlessLost<Granted>(
  recorded: Recorded,
  granted: Granted,
): Granted | Refused<"overtaken" | "banned" | "unavailable"> {
  if (recorded.ok) return granted;
  const { refusal } = recorded;
  return refusal === "raised-meanwhile" ? refused("overtaken") : { ...recorded, refusal };
}

/** Records granted logins in Postgres. Most clients get their answer before the login is recorded. */
export class LoginRecords {
  readonly #host: Pick<Host, "log" | "failed">;
  readonly #accounts: Pick<AccountStore, "noteLogin">;
  readonly #underWay = new Map<AccountId, Promise<Recorded>>();

  constructor(host: Pick<Host, "log" | "failed">, accounts: Pick<AccountStore, "noteLogin">) {
    this.#host = host;
    this.#accounts = accounts;
  }

  add(login: Parameters<AccountStore["noteLogin"]>[0]): Promise<Recorded> {
    const { accountId } = login;
    const { log, failed } = this.#host;
    const recorded = orUnavailable<Recorded>(log, () => this.#accounts.noteLogin(login));
    this.#underWay.set(accountId, recorded);
    void recorded.catch(failed).finally(() => {
      if (this.#underWay.get(accountId) === recorded) this.#underWay.delete(accountId);
    });
    return recorded;
  }

  /** Resolves when the last login to the account that was granted here is recorded, or cannot be recorded. */
  async settled(accountId: AccountId): Promise<void> {
    await this.#underWay.get(accountId);
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.#underWay.values());
  }
}
