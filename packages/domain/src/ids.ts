declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** Unsigned 32-bit, because every client protocol can carry that. */
export type AccountId = Branded<number, "AccountId">;
/** Unsigned 32-bit. */
export type CharId = Branded<number, "CharId">;
/**
 * The smallest id of an actor that is no player. Ids from here to the end of unsigned 32-bit are never those of
 * an account or a character, so clients can name all actors by one number.
 */
export const firstActorId = 0x8000_0000;
/** Half of the secret that a client carries between doors; unsigned 32-bit, never 0, from a CSPRNG. */
export type LoginId = Branded<number, "LoginId">;
/** A number in Postgres that rises with each new owner. Postgres refuses writes with an older fence. */
export type Fence = Branded<number, "Fence">;
/** Identifies one admission of a server over one link: 16 hex digits, new each time. */
export type Incarnation = Branded<string, "Incarnation">;

export const AccountId = (value: number): AccountId => value as AccountId;
export const CharId = (value: number): CharId => value as CharId;
export const LoginId = (value: number): LoginId => value as LoginId;
export const Fence = (value: number): Fence => value as Fence;
export const Incarnation = (value: string): Incarnation => value as Incarnation;

export const sexes = ["female", "male"] as const;
export type Sex = (typeof sexes)[number];

/** The ids that a client shows at each door after login. */
export interface LoginTicket {
  readonly accountId: AccountId;
  readonly loginId1: LoginId;
  readonly loginId2: LoginId;
  readonly sex: Sex;
}
