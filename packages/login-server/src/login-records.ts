import type { AccountStore } from "@sallyport/database";
import type { AccountId, Outcome } from "@sallyport/domain";
import { type Host, orUnavailable } from "@sallyport/server-kit";

export type Recorded = Outcome<Record<never, never>, "raised-meanwhile" | "banned" | "unavailable">;

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
