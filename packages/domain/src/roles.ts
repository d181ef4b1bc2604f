/** In the order of their rights: a later role may do what an earlier one may, unless a setting says otherwise. */
export const roles = ["player", "gamemaster", "administrator"] as const;
export type Role = (typeof roles)[number];

/** What operators decided about an account, as far as map-servers need it. */
export interface Standing {
  readonly role: Role;
  /**
   * Milliseconds since 1970, possibly in the past. Null: the account is not muted.
   * `Number.MAX_SAFE_INTEGER`: it is muted for ever.
   */
  readonly mutedUntilMs: number | null;
}

/** The standing of an account about which no operator decided anything. */
export const plainStanding: Standing = { role: "player", mutedUntilMs: null };
