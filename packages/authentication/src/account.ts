import type { AccountId, Fence, Outcome, Sex } from "@sallyport/domain";
import type { Credential } from "./credential.ts";
import type { ParametersInUse } from "./decoy-credential.ts";

export interface Account {
  readonly accountId: AccountId;
  /** The name as typed at registration. Case does not matter in comparisons. */
  readonly name: string;
  readonly sex: Sex;
  readonly credential: Credential;
  /** Milliseconds since 1970; null: not banned; Infinity: banned without end. May lie in the past. */
  readonly bannedUntilMs: number | null;
  /** The fence when the account was read. */
  readonly fence: Fence;
}

/**
 * The accounts that authentication looks into. Every method may throw `Unavailable`: then the request may or
 * may not have been carried out.
 */
export interface RegisteredAccounts {
  create(account: {
    name: string;
    sex: Sex;
    credential: Credential;
  }): Promise<Outcome<{ readonly accountId: AccountId }, "name-taken">>;
  findByName(name: string): Promise<Account | null>;
  /**
   * Replaces the credential only if it is still the given one: a password that was changed meanwhile stays
   * changed.
   */
  replaceCredential(change: {
    accountId: AccountId;
    replaced: Credential;
    credential: Credential;
  }): Promise<Outcome<Record<never, never>, "credential-changed">>;
  /** Counts the parameters of the oldest and the newest credentials, some thousand each. */
  parametersInUse(): Promise<readonly ParametersInUse[]>;
}
