import type { World } from "./doors.ts";
import type { AccountId, LoginTicket, Sex } from "./ids.ts";
import type { Kick } from "./kick.ts";
import type { Role } from "./roles.ts";

export interface LoggedIn extends LoginTicket {
  /** Time of the previous login, in milliseconds since 1970. Null at the first login. */
  readonly lastLoginMs: number | null;
  readonly worlds: readonly World[];
  readonly role: Role;
}

/** The client computes its proof from these values. The argon2id parameters are those of RFC 9106. */
export interface SaltOffer {
  readonly salt: Uint8Array;
  readonly memoryKib: number;
  readonly iterations: number;
  readonly parallelism: number;
  /** Valid for one proof on this connection. */
  readonly nonce: Uint8Array;
}

/** The client was turned away before anything else was checked. */
type TurnedAway = "version-unsupported" | "address-banned";
/** Refusals before the password is checked. */
type Unchecked = TurnedAway | "too-many-attempts";

/** The password was right in all cases but the first and those of `Unchecked`. */
export type LoginRefusal =
  | "wrong-name-or-password"
  | "banned"
  | "email-unconfirmed"
  | "already-online"
  | "overtaken"
  | "no-world"
  | "device-banned"
  | Unchecked;

/** The detail of `wrong-name-or-password` if the name is unknown, for clients that are told so. */
export const unknownName = "unknown-name";
/** The same if the account is banned. Its reason and end are only for clients with the right password. */
export const bannedName = "banned-name";

/** Of an e-mail address, in UTF-16 units. RFC 5321 allows paths of 256 bytes, with two angle brackets. */
export const emailUnitsMax = 254;

/** Of the name of a kind of server, in UTF-16 units. */
export const audienceUnitsMax = 64;

/** A JSON Web Token, which servers that have the public keys of the cluster accept. */
export interface IdentityToken {
  readonly token: string;
  /** Unix seconds. */
  readonly expiresS: number;
}

/** `no-tokens`: this login-server gives none. */
type TokenRefusal = "audience-unknown" | "no-tokens" | "device-banned" | TurnedAway;

/** A login name is the name of an account or its e-mail address. */
export type LoginDoor = {
  commands: {
    "login.register": {
      /** An empty name, or an e-mail address that is null or empty, is none. An account needs one of the two. */
      takes: {
        name: string;
        password: string;
        sex: Sex;
        email?: string | null;
        invitation?: string | null;
      };
      gives: { accountId: AccountId };
      refusals:
        | "name-invalid"
        | "name-taken"
        | "password-invalid"
        | "registration-closed"
        | "email-invalid"
        | "email-taken"
        | "invitation-invalid"
        | "too-many-accounts"
        | "device-banned"
        | Unchecked;
    };
    /** An e-mail address always gets the salt of a decoy: it logs in by `login.password` only. */
    "login.salt": { takes: { name: string }; gives: SaltOffer; refusals: Unchecked };
    "login.prove": {
      takes: { name: string; proof: Uint8Array; clientNonce: Uint8Array };
      gives: LoggedIn & { serverSignature: Uint8Array };
      refusals: LoginRefusal;
    };
    "login.password": { takes: { name: string; password: string }; gives: LoggedIn; refusals: LoginRefusal };
    /**
     * For protocols that tell whether an account exists. Where registration is open, which tells it too, the detail
     * of `wrong-name-or-password` is `unknownName` for an unknown name, and `bannedName` for a banned account.
     */
    "login.password.telling": {
      takes: { name: string; password: string };
      gives: LoggedIn;
      refusals: LoginRefusal;
    };
    /** `code` is from a letter. */
    "login.email.confirm": {
      takes: { code: string };
      gives: Record<never, never>;
      refusals: "code-invalid" | "email-taken" | TurnedAway;
    };
    /** With `endOthers`, a client that is logged in to the account has to leave. */
    "login.password.change": {
      takes: { name: string; oldPassword: string; newPassword: string; endOthers: boolean };
      gives: Record<never, never>;
      refusals: "wrong-name-or-password" | "banned" | "email-unconfirmed" | "password-invalid" | Unchecked;
    };
    /** The answer is the same whether the address belongs to an account or not. */
    "login.password.reset.ask": {
      takes: { email: string };
      gives: Record<never, never>;
      refusals: "no-mail" | TurnedAway;
    };
    "login.password.reset": {
      takes: { code: string; newPassword: string; endOthers: boolean };
      gives: Record<never, never>;
      refusals: "code-invalid" | "password-invalid" | TurnedAway;
    };
    /**
     * Gives an identity token to a client that is logged in: it shows its login ids. Servers of the kind
     * `audience` accept the token; null is the first one of the settings.
     */
    "login.token": {
      takes: LoginTicket & { audience: string | null };
      gives: IdentityToken;
      refusals: "not-logged-in" | "banned" | TokenRefusal;
    };
    /** Gives an identity token for a password. It is no login: it takes no lock, and nobody has to leave. */
    "login.token.password": {
      takes: { name: string; password: string; audience: string | null };
      gives: IdentityToken;
      refusals:
        | "wrong-name-or-password"
        | "banned"
        | "email-unconfirmed"
        | "too-many-attempts"
        | TokenRefusal;
    };
  };
  events: { "client.kicked": Kick };
};
