import type { AccountId, Fence, Outcome, Role, Sex } from "@sallyport/domain";
import type { Credential } from "./credential.ts";
import type { ParametersInUse } from "./decoy-credential.ts";
import type { Email } from "./email.ts";

export interface Account {
  readonly accountId: AccountId;
  /**
   * The name as typed at registration. Case does not matter in comparisons. Null: the account has only an
   * e-mail address.
   */
  readonly name: string | null;
  readonly email: string | null;
  /** False also if the account has no e-mail address. */
  readonly isEmailConfirmed: boolean;
  readonly sex: Sex;
  readonly credential: Credential;
  /**
   * Milliseconds since 1970, possibly in the past. Null: the account is not banned. Infinity: the ban has no
   * end.
   */
  readonly bannedUntilMs: number | null;
  /** What an operator wrote for the player about the ban, at most `kickTextUnitsMax` UTF-16 units. */
  readonly banReason: string | null;
  readonly role: Role;
  readonly fence: Fence;
}

export interface NewAccount {
  /** Null only if there is an e-mail address. */
  readonly name: string | null;
  readonly email?: Email | null;
  /** The address does not log in, and is not taken, before it is confirmed. */
  readonly isEmailPending?: boolean;
  readonly sex: Sex;
  readonly credential: Credential;
  /** The hash of an invitation code. One use of it is spent if the account is created. */
  readonly invitation?: Uint8Array | null;
}

/**
 * `Authentication` reads and changes accounts with these methods. Every method can throw `Unavailable`. Then
 * it is unknown whether the request was carried out.
 */
export interface RegisteredAccounts {
  create(
    account: NewAccount,
  ): Promise<Outcome<{ readonly accountId: AccountId }, "name-taken" | "email-taken" | "invitation-invalid">>;
  /** Says whether the code with this hash has a use left. */
  isInvitation(hash: Uint8Array): Promise<boolean>;
  findByName(name: string): Promise<Account | null>;
  /** Finds an account by the key of its address: see `readEmail`. */
  findByEmail(key: string): Promise<Account | null>;
  /**
   * Replaces the credential by another one of the same password, if it is still `replaced`. If the password
   * was changed after `replaced` was read, nothing changes.
   */
  replaceCredential(change: CredentialChange): Promise<Outcome<Record<never, never>, "credential-changed">>;
  /** Like `replaceCredential`, for a new password. Codes that were mailed for a new password end. */
  changePassword(
    change: CredentialChange & EndingLogins,
  ): Promise<Outcome<PasswordFence, "credential-changed">>;
  /** Returns null if the account does not have this credential now. */
  passwordFence(of: { accountId: AccountId; credential: Credential }): Promise<PasswordFence | null>;
  /** Returns true if a login to the account came from this address within the last 30 days. */
  hasLoggedInFrom(place: { accountId: AccountId; address: string }): Promise<boolean>;
  /**
   * Counts how many credentials have which parameters. Reads only a sample: some thousand of the oldest
   * credentials, and some thousand of the newest.
   */
  parametersInUse(): Promise<readonly ParametersInUse[]>;
}

/** How a new password is set. */
export interface EndingLogins {
  /** True: the same statement raises the fence, so no older login can choose a character any more. */
  readonly endsLogins: boolean;
}

export interface PasswordFence {
  /** The account had this fence when the password was set. Every later login has a higher one. */
  readonly fence: Fence;
}

export interface CredentialChange {
  readonly accountId: AccountId;
  readonly replaced: Pick<Credential, "storedKey">;
  readonly credential: Credential;
}
