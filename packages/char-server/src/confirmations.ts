import { reclaimMax } from "@sallyport/cluster-protocol";
import type { AccountOwners } from "./account-owners.ts";
import type { LoginLink, LoginLinkDeps } from "./login-link.ts";

export interface ConfirmationsDeps {
  readonly accounts: Pick<AccountOwners, "mayHold" | "owned">;
  readonly login: Pick<LoginLink, "claim" | "release">;
  readonly kick: LoginLinkDeps["kick"];
}

export const confirmEveryMs = 1_000;
/** Each account has one of these turns. */
const turns = 30;

/**
 * Asks the login-server again and again whether this server still has its account locks. If a login-server
 * that has no link to this server frees an account, only a hint says so, and hints may get lost. The older
 * client would then play on in this world while the newer one is in another.
 */
export class Confirmations {
  readonly #deps: ConfirmationsDeps;
  #turn = 0;

  constructor(deps: ConfirmationsDeps) {
    this.#deps = deps;
  }

  /** Asks for the accounts whose turn it is. Must be called every `confirmEveryMs`. */
  async confirmSome(): Promise<void> {
    const { accounts, login, kick } = this.#deps;
    this.#turn = (this.#turn + 1) % turns;
    const turn = this.#turn;
    const owned = accounts.owned((accountId) => accountId % turns === turn);
    for (let from = 0; from < owned.length; from += reclaimMax) {
      const asked = owned.slice(from, from + reclaimMax);
      const claimed = await login.claim(asked);
      // The next turn of these accounts is soon enough.
      if (!claimed.ok) return;
      const lost = new Set(claimed.value);
      for (const account of asked) {
        const { accountId, loginId1, trace } = account;
        if (lost.has(accountId)) kick(accountId, loginId1, "lock-lost");
        // The account was given back after the question. While the login-server's store restores its locks,
        // the question is a claim that may have put this lock back.
        else if (!accounts.mayHold(accountId, loginId1)) await login.release(account, trace);
      }
    }
  }
}
