import { reclaimMax } from "@sallyport/cluster-protocol";
import { kickFor } from "@sallyport/domain";
import type { AccountOwners } from "./account-owners.ts";
import type { LoginLink, LoginLinkDeps } from "./login-link.ts";

export interface ConfirmationsDeps {
  readonly accounts: Pick<AccountOwners, "mayHold" | "owned">;
  readonly login: Pick<LoginLink, "claim" | "release">;
  readonly kick: LoginLinkDeps["kick"];
}

export const confirmEveryMs = 1_000;
/** The accounts are divided among this many turns. */
const turns = 30;

/**
 * Asks the login-server regularly whether this server still has its account locks. If a login-server that has
 * no link to this server frees an account, only a hint tells this server, and hints can get lost. Then the
 * older client would play on in this world while the newer client is in a different world.
 */
export class Confirmations {
  readonly #deps: ConfirmationsDeps;
  #turn = 0;

  constructor(deps: ConfirmationsDeps) {
    this.#deps = deps;
  }

  /** Asks about the accounts whose turn it is. The caller must call this every `confirmEveryMs`. */
  async confirmSome(): Promise<void> {
    const { accounts, login, kick } = this.#deps;
    this.#turn = (this.#turn + 1) % turns;
    const turn = this.#turn;
    const owned = accounts.owned((accountId) => accountId % turns === turn);
    for (let from = 0; from < owned.length; from += reclaimMax) {
      const asked = owned.slice(from, from + reclaimMax);
      const claimed = await login.claim(asked);
      // After a failure, the next turn of these accounts is soon enough.
      if (!claimed.ok) return;
      const lost = new Set(claimed.value);
      for (const account of asked) {
        const { accountId, loginId1, trace } = account;
        if (lost.has(accountId)) kick(accountId, loginId1, kickFor("lock-lost"));
        // The account was released after the request was sent. While the login-server's store restores its
        // locks, the request is a claim, which may have restored this lock.
        else if (!accounts.mayHold(accountId, loginId1)) await login.release(account, trace);
      }
    }
  }
}
