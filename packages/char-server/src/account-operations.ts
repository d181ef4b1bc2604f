import { retry } from "@sallyport/clock";
import {
  type AccountId,
  Fence,
  type LoginTicket,
  type Outcome,
  type Refused,
  refused,
} from "@sallyport/domain";
import { type Host, orUnavailable } from "@sallyport/server-kit";
import type { AccountOwners } from "./account-owners.ts";
import type { Visitor } from "./account-visits.ts";
import type { LoginLink } from "./login-link.ts";

export interface AccountOperationsDeps {
  readonly accounts: Pick<AccountOwners, "come" | "tell">;
  readonly login: Pick<LoginLink, "operate">;
  /** The present owner of an account leaves within this time. */
  readonly withinMs: number;
}

/** The account is held with this fence. */
export interface HeldForChange {
  readonly accountId: AccountId;
  readonly accountFence: Fence;
}

type Changed<R extends string> = Outcome<Record<never, never>, R>;
type NotHeld = Refused<"no-such-account" | "overtaken" | "unavailable">;

/** Clients that log in again by themselves can overtake an operator so often. Then the operator has to ban. */
const attemptsMax = 3;
const pauseMs = 500;

/** Nobody waits for what happens at character select. A kick is enough to make the change lose its fence. */
const nobody: Visitor = { isConnected: true, follow: () => {}, outdate: () => {}, kick: () => {} };

/**
 * Holds accounts for the changes of operators. Each change is a login without a client: the player of the
 * account is saved and leaves first, and the change has the fence of that login.
 */
export class AccountOperations {
  readonly #host: Pick<Host, "clock" | "log">;
  readonly #deps: AccountOperationsDeps;

  constructor(host: Pick<Host, "clock" | "log">, deps: AccountOperationsDeps) {
    this.#host = host;
    this.#deps = deps;
  }

  /**
   * Begins anew if a client logs in before the change is made. After `unavailable` the change may have been
   * made or not. `change` refuses with `lock-lost` if the fence is no longer the newest.
   */
  change<R extends string>(
    accountId: AccountId,
    change: (held: HeldForChange) => Promise<Changed<R | "lock-lost">>,
  ): Promise<Changed<Exclude<R, "lock-lost">> | NotHeld> {
    const { clock, log } = this.#host;
    return retry(
      clock,
      () => orUnavailable(log, () => this.#changeOnce<R>(accountId, change)),
      (answer, tries) =>
        !answer.ok && answer.refusal === "overtaken" && tries < attemptsMax ? pauseMs : null,
    );
  }

  async #changeOnce<R extends string>(
    accountId: AccountId,
    change: (held: HeldForChange) => Promise<Changed<R | "lock-lost">>,
  ): Promise<Changed<Exclude<R, "lock-lost">> | NotHeld> {
    const { accounts, login, withinMs } = this.#deps;
    const ticket: Outcome<LoginTicket, NotHeld["refusal"]> = await login.operate(accountId, withinMs);
    if (!ticket.ok) return ticket;
    const stay = accounts.come(ticket.value, nobody);
    try {
      const entered = await stay.entered;
      if (!entered.ok) return refused(entered.refusal === "unavailable" ? "unavailable" : "overtaken");
      const changed = await change({ accountId, accountFence: Fence(entered.value.accountFence) });
      if (!changed.ok && changed.refusal === "lock-lost") return refused("overtaken");
      return changed as Changed<Exclude<R, "lock-lost">>;
    } finally {
      accounts.tell(stay, "gone");
    }
  }
}
