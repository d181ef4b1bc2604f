import type { AccountId } from "@sallyport/domain";
import type { Attendance } from "./attendance.ts";
import type { CharacterLocks } from "./character-locks.ts";
import type { LoginLink } from "./login-link.ts";

export interface DoubtsDeps {
  readonly locks: Pick<CharacterLocks, "read">;
  readonly login: Pick<LoginLink, "isUp" | "heldIds" | "release">;
  readonly attendance: Pick<Attendance, "isEntering">;
}

/**
 * Accounts whose character lock may have become free unnoticed, because the lock store did not report the
 * outcome of a change. The effects of that change were not carried out. An account lock has no deadline while
 * it is held, so nothing else would ever free it. `settle` checks these accounts again and again until the
 * stores answer.
 */
export class Doubts {
  readonly #deps: DoubtsDeps;
  readonly #accounts = new Set<AccountId>();
  #isSettling = false;

  constructor(deps: DoubtsDeps) {
    this.#deps = deps;
  }

  add(accountId: AccountId): void {
    this.#accounts.add(accountId);
  }

  async settle(): Promise<void> {
    if (this.#isSettling || !this.#deps.login.isUp) return;
    this.#isSettling = true;
    try {
      for (const accountId of [...this.#accounts]) {
        if (await this.#isSettled(accountId)) this.#accounts.delete(accountId);
      }
    } finally {
      this.#isSettling = false;
    }
  }

  async #isSettled(accountId: AccountId): Promise<boolean> {
    const { locks, login, attendance } = this.#deps;
    const held = login.heldIds(accountId);
    if (held === undefined) return true;
    const lock = await locks.read(accountId);
    // The login still has the character lock. When the login ends, its account lock is given back.
    if (lock.state !== "free" && lock.loginId1 === held) return true;
    // A client that is entering has the account lock before it has the character lock.
    if (attendance.isEntering(accountId)) return false;
    await login.release(accountId, held);
    return login.heldIds(accountId) !== held;
  }
}
