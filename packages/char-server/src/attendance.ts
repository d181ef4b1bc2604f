import type { AccountId, KickReason, LoginId } from "@sallyport/domain";
import type { CharacterCommand } from "@sallyport/lock-core";

type CharacterOpen = Extract<CharacterCommand, { type: "open" }>;

/** A client at character select, or one that is entering it. */
export interface Attendant {
  readonly loginId1: LoginId;
  /**
   * The command that opened the client's character lock. It is repeated if the lock store loses the lock.
   * Null: the client is still entering and has no character lock yet.
   */
  readonly open: CharacterOpen | null;
  /** Tells the client why and ends its connection. */
  kick(reason: KickReason): void;
}

/**
 * The clients of this server: those at character select, whose character lock is held here, and those that
 * are still entering.
 */
export class Attendance {
  readonly #attendants = new Map<AccountId, Attendant>();
  readonly #entrants = new Map<AccountId, Set<Attendant>>();

  /**
   * Notes that the client asks for its locks. The caller calls the returned function when the client has its
   * locks or was refused. If the client is kicked before that, the caller gives the locks back.
   */
  enters(accountId: AccountId, entrant: Attendant): () => void {
    const entrants = this.#entrants.get(accountId) ?? new Set();
    this.#entrants.set(accountId, entrants.add(entrant));
    return () => {
      entrants.delete(entrant);
      if (entrants.size === 0 && this.#entrants.get(accountId) === entrants) this.#entrants.delete(accountId);
    };
  }

  isEntering(accountId: AccountId): boolean {
    return this.#entrants.has(accountId);
  }

  /** False: no client with these ids is entering. */
  kickEntrant(accountId: AccountId, loginId1: LoginId, reason: KickReason): boolean {
    const kicked = [...(this.#entrants.get(accountId) ?? [])].filter((each) => each.loginId1 === loginId1);
    for (const entrant of kicked) entrant.kick(reason);
    return kicked.length > 0;
  }

  /**
   * Kicks an older client of the account if one is still here. The older client has lost the character lock
   * without being told.
   */
  add(accountId: AccountId, attendant: Attendant): void {
    const older = this.#attendants.get(accountId);
    this.#attendants.set(accountId, attendant);
    older?.kick("lock-lost");
  }

  remove(accountId: AccountId, attendant: Attendant): void {
    if (this.#attendants.get(accountId) === attendant) this.#attendants.delete(accountId);
  }

  /**
   * Kicks the client only if it has these ids, because a newer client may have taken its place. False: no
   * client with these ids is at character select. The lock does not change.
   */
  kick(accountId: AccountId, loginId1: LoginId, reason: KickReason): boolean {
    const attendant = this.#attendants.get(accountId);
    if (attendant?.loginId1 !== loginId1) return false;
    attendant.kick(reason);
    return true;
  }

  all(): readonly (readonly [AccountId, Attendant])[] {
    return [...this.#attendants];
  }
}
