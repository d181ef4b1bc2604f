import type { AccountId, KickReason, LoginId } from "@sallyport/domain";
import type { CharacterCommand } from "@sallyport/lock-core";

type CharacterOpen = Extract<CharacterCommand, { type: "open" }>;

/** A client at character select. */
export interface Attendant {
  readonly loginId1: LoginId;
  /** By which it got the character lock, for when the store loses that; null while it is on the way to it. */
  readonly open: CharacterOpen | null;
  /** Tells the client why and ends its connection. */
  kick(reason: KickReason): void;
}

/** Who is here: those whose character lock is held here, and those who are on the way to one. */
export class Attendance {
  readonly #attendants = new Map<AccountId, Attendant>();
  readonly #entrants = new Map<AccountId, Set<Attendant>>();

  /** Until what it returns is called, the locks of this client are asked for, and given back if it is kicked. */
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

  /** False when no client with these ids is on the way. */
  kickEntrant(accountId: AccountId, loginId1: LoginId, reason: KickReason): boolean {
    const kicked = [...(this.#entrants.get(accountId) ?? [])].filter((each) => each.loginId1 === loginId1);
    for (const entrant of kicked) entrant.kick(reason);
    return kicked.length > 0;
  }

  /** Whoever still is in its place has lost the lock, and was not told. */
  add(accountId: AccountId, attendant: Attendant): void {
    const older = this.#attendants.get(accountId);
    this.#attendants.set(accountId, attendant);
    older?.kick("lock-lost");
  }

  remove(accountId: AccountId, attendant: Attendant): void {
    if (this.#attendants.get(accountId) === attendant) this.#attendants.delete(accountId);
  }

  /** Only the client with these ids: a newer one may have come in its place. The lock is another's affair. */
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
