import type { AccountId, KickReason, LoginId } from "@sallyport/domain";

/** A client at character select whose character lock is held here. */
export interface Attendant {
  readonly loginId1: LoginId;
  /** Tells the client why and ends its connection. The lock is another's affair by then. */
  kick(reason: KickReason): void;
}

export class Attendance {
  readonly #attendants = new Map<AccountId, Attendant>();

  add(accountId: AccountId, attendant: Attendant): void {
    this.#attendants.set(accountId, attendant);
  }

  remove(accountId: AccountId, attendant: Attendant): void {
    if (this.#attendants.get(accountId) === attendant) this.#attendants.delete(accountId);
  }

  /** Only the client with these ids: a newer one may have come in its place. */
  kick(accountId: AccountId, loginId1: LoginId, reason: KickReason): void {
    const attendant = this.#attendants.get(accountId);
    if (attendant?.loginId1 === loginId1) attendant.kick(reason);
  }

  all(): readonly (readonly [AccountId, Attendant])[] {
    return [...this.#attendants];
  }
}
