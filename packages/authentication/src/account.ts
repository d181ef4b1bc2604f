import type { AccountId, Fence, Outcome, Sex } from "@sallyport/domain";
import type { Credential } from "./credential.ts";
import type { ParametersInUse } from "./decoy-credential.ts";

export interface Account {
  readonly accountId: AccountId;
  /** The name as typed at registration. Case does not matter in comparisons. */
  readonly name: string;
  readonly sex: Sex;
  readonly credential: Credential;
  /**
   * Milliseconds since 1970, possibly in the past. Null: the account is not banned. Infinity: the ban has no
   * end.
   */
  readonly bannedUntilMs: number | null;
  readonly fence: Fence;
}

/**
 * `Authentication` reads and changes accounts with these methods. Every method can throw `Unavailable`. Then
 * it is unknown whether the request was carried out.
 */
export interface RegisteredAccounts {
  create(account: {
    name: string;
    sex: Sex;
    credential: Credential;
  }): Promise<Outcome<{ readonly accountId: AccountId }, "name-taken">>;
  findByName(name: string): Promise<Account | null>;
  /**
   * Replaces the credential only if it is still `replaced`. If the password was changed after `replaced` was
   * read, nothing changes.
   */
  replaceCredential(change: {
    accountId: AccountId;
    replaced: Credential;
    credential: Credential;
  }): Promise<Outcome<Record<never, never>, "credential-changed">>;
  /**
   * Counts how many credentials have which parameters. Reads only a sample: some thousand of the oldest
   * credentials, and some thousand of the newest.
   */
  parametersInUse(): Promise<readonly ParametersInUse[]>;
}
