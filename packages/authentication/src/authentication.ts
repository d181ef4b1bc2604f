import { type AccountId, accepted, type Outcome, refused, type SaltOffer } from "@sallyport/domain";
import type { Account, RegisteredAccounts } from "./account.ts";
import {
  authMessage,
  type Credential,
  isSameCredential,
  matchesCredential,
  needsRehash,
  nonceBytes,
  verifyProof,
} from "./credential.ts";
import { Decoys } from "./decoys.ts";
import { type Email, isEmail, readEmail } from "./email.ts";
import { FailedLogins, type FailureBounds, type HeldBackBy } from "./failed-logins.ts";
import { isLoginName, isPassword } from "./name-rules.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import {
  type FormRefusal,
  type RegistrationForm,
  type RegistrationPolicy,
  readRegistration,
} from "./registration.ts";
import { RememberedLogins } from "./remembered-logins.ts";

/*
 * Checks raw passwords and proofs against one credential. An unknown name gets the same answer as a wrong
 * password, after the same work: the same look-ups, a hash with the parameters of real credentials, and the
 * same count of failures. Only the answer to a right password may come faster.
 */

export interface AuthenticationSettings extends FailureBounds, RegistrationPolicy {
  /**
   * A correct raw password is remembered for this time, so that the next login needs no hash. 0: no password
   * is remembered.
   */
  readonly rememberMs: number;
  readonly rememberedMax: number;
}

export const defaultAuthenticationSettings: AuthenticationSettings = {
  rememberMs: 3_600_000,
  rememberedMax: 20_000,
  failuresPerName: 5,
  failuresPerAddress: 50,
  failuresForgottenMs: 900_000,
  failureWaitMaxMs: 300_000,
  registrationMode: "open",
  isConfirmationRequired: false,
};

export interface AuthenticationDeps {
  readonly accounts: RegisteredAccounts;
  readonly hasher: PasswordHasher;
  /** All login-servers of the cluster have the same secret. It stays the same after a restart. */
  readonly clusterSecret: Uint8Array;
  readonly randomBytes: (count: number) => Uint8Array;
  /** Returns milliseconds on a monotonic clock. */
  readonly nowMs: () => number;
  readonly wallMs: () => number;
  readonly settings: AuthenticationSettings;
  readonly observer?: AuthenticationObserver;
}

export interface AuthenticationObserver {
  remembered(): void;
  heldBack(by: HeldBackBy): void;
  /** The password was right, but the e-mail address of the account still has to be confirmed. */
  unconfirmed(account: Account, asker: Asker): void;
}

export interface Asker {
  readonly address: string;
  /**
   * The signal aborts when the client no longer waits for the answer. A hash that has not begun is then
   * skipped.
   */
  readonly gone: AbortSignal;
  /**
   * Called with the account that the name of an attempt belongs to, or with null. For the trail of operators:
   * the client must never learn it.
   */
  readonly meant?: (accountId: AccountId | null) => void;
}

type LoginRefusal = "wrong-name-or-password" | "banned" | "email-unconfirmed" | "busy";
type Authenticated = Outcome<Account, LoginRefusal>;

export interface Registered {
  readonly accountId: AccountId;
  readonly email: Email | null;
}

/** Each connection has its own challenge. A challenge allows one proof. */
export interface Challenge {
  readonly name: string;
  readonly nonce: Uint8Array;
  readonly credential: Credential;
}

export class Authentication {
  readonly #deps: AuthenticationDeps;
  readonly #decoys: Decoys;
  readonly #remembered: RememberedLogins;
  readonly #failures: FailedLogins;

  constructor(deps: AuthenticationDeps) {
    const { accounts, clusterSecret, nowMs, settings } = deps;
    const { rememberMs, rememberedMax } = settings;
    this.#deps = deps;
    this.#decoys = new Decoys({ accounts, clusterSecret, wanted: deps.hasher.parameters, nowMs });
    this.#remembered = new RememberedLogins({
      ...{ rememberMs, rememberedMax, nowMs },
      secret: deps.randomBytes(32),
    });
    this.#failures = new FailedLogins(settings, nowMs);
  }

  async register(
    form: RegistrationForm,
    { address, gone }: Asker,
  ): Promise<Outcome<Registered, FormRefusal | "name-taken" | "email-taken" | "busy">> {
    const { accounts, hasher, settings } = this.#deps;
    const read = readRegistration(form, settings);
    if (!read.ok) return read;
    const { name, email, password, sex, invitation } = read.value;
    // Nobody learns here whether an address that must be confirmed belongs to another account.
    const isEmailPending = settings.isConfirmationRequired;
    // Look before hashing, because a hash is expensive. The statement that creates the account decides.
    if (invitation !== null && !(await accounts.isInvitation(invitation)))
      return refused("invitation-invalid");
    if (name !== null && (await accounts.findByName(name)) !== null) return refused("name-taken");
    if (email !== null && !isEmailPending && (await accounts.findByEmail(email.key)) !== null)
      return refused("email-taken");
    const hashed = await hasher.createCredential(password, { address, signal: gone });
    if (!hashed.ok) return hashed;
    const account = { name, email, isEmailPending, sex, invitation, credential: hashed.value };
    const made = await accounts.create(account);
    return made.ok ? accepted({ ...made.value, email }) : made;
  }

  /** The old password counts as a login. Remembered logins with it end on every login-server. */
  async changePassword(
    of: { name: string; password: string; newPassword: string },
    asker: Asker,
  ): Promise<Outcome<Account, LoginRefusal | "password-invalid">> {
    const { accounts, hasher } = this.#deps;
    if (!isPassword(of.newPassword)) return refused("password-invalid");
    const old = await this.byPassword(of, asker);
    if (!old.ok) return old;
    const { address, gone: signal } = asker;
    const hashed = await hasher.createCredential(of.newPassword, { address, signal });
    if (!hashed.ok) return hashed;
    const { accountId, credential: replaced } = old.value;
    const changed = await accounts.changePassword({ accountId, replaced, credential: hashed.value });
    // Somebody else changed the password after the old one was checked.
    if (!changed.ok) return refused("wrong-name-or-password");
    return accepted({ ...old.value, credential: hashed.value });
  }

  byPassword(login: { name: string; password: string }, asker: Asker): Promise<Authenticated> {
    return this.#counted(login.name, asker, () => this.#byPassword(login, asker));
  }

  /**
   * Offers the salt of the name. An e-mail address always gets the salt of a decoy, and no proof of it is
   * right. Otherwise two equal salts would tell which name belongs to which address.
   */
  async challenge(
    name: string,
    { address }: Asker,
  ): Promise<Outcome<{ offer: SaltOffer; challenge: Challenge }, "busy">> {
    const offered = this.#failures.offer(address);
    if (!offered.ok) {
      this.#deps.observer?.heldBack(offered.by);
      return refused("busy", offered.waitMs);
    }
    const credential = isEmail(name)
      ? await this.#decoys.credentialOf(name)
      : (await this.#lookUp(name)).credential;
    const nonce = this.#deps.randomBytes(nonceBytes);
    const { salt, memoryKib, iterations, parallelism } = credential;
    return accepted({
      offer: { salt, memoryKib, iterations, parallelism, nonce },
      challenge: { name, nonce, credential },
    });
  }

  byProof(
    challenge: Challenge,
    { proof, clientNonce }: { readonly proof: Uint8Array; readonly clientNonce: Uint8Array },
    asker: Asker,
  ): Promise<Outcome<{ account: Account; serverSignature: Uint8Array }, LoginRefusal>> {
    return this.#counted(challenge.name, asker, async () => {
      const { name, nonce, credential } = challenge;
      const message = authMessage({ name, nonce, clientNonce, salt: credential.salt });
      const proven = verifyProof(credential, proof, message);
      const { account } = await this.#lookUp(name);
      asker.meant?.(account?.accountId ?? null);
      // The password may have changed since the challenge was sent.
      const isRight = proven !== null && account !== null && isSameCredential(account.credential, credential);
      if (!isRight) return refused("wrong-name-or-password");
      this.#failures.offerServed(asker.address);
      const admitted = this.#admit(account, asker);
      return admitted.ok ? accepted({ account, serverSignature: proven.serverSignature }) : admitted;
    });
  }

  async #byPassword(
    { name, password }: { name: string; password: string },
    asker: Asker,
  ): Promise<Authenticated> {
    const { address, gone, meant } = asker;
    const { hasher, observer } = this.#deps;
    const { account, credential } = await this.#lookUp(name);
    meant?.(account?.accountId ?? null);
    // An unknown name is never remembered. Look for it nevertheless, so that the answer takes the same time.
    if (this.#remembered.has({ name, password, credential }) && account !== null) {
      observer?.remembered();
      return this.#admit(account, asker);
    }
    const { salt } = credential;
    const salted = await hasher.hash({ password, salt, parameters: credential, address, signal: gone });
    if (!salted.ok) return salted;
    const isRight = matchesCredential(credential, salted.value);
    if (account === null || !isRight) return refused("wrong-name-or-password");
    const current = await this.#renewed(account, password, asker);
    this.#remembered.remember({ name, password, credential: current });
    return this.#admit({ ...account, credential: current }, asker);
  }

  /**
   * Renews a credential that has old parameters. Returns the credential that is valid after that. If the
   * hasher is busy, the next login renews the credential.
   */
  async #renewed(
    { accountId, credential }: Account,
    password: string,
    { address, gone }: Asker,
  ): Promise<Credential> {
    const { accounts, hasher } = this.#deps;
    if (!needsRehash(credential, hasher.parameters)) return credential;
    const renewed = await hasher.createCredential(password, { address, signal: gone });
    if (!renewed.ok) return credential;
    const change = { accountId, replaced: credential, credential: renewed.value };
    const replaced = await accounts.replaceCredential(change);
    return replaced.ok ? renewed.value : credential;
  }

  /**
   * Runs one attempt and counts its failure. After too many failures, the attempt is refused without a check
   * of the password.
   */
  async #counted<O extends Outcome<unknown, string>>(
    name: string,
    { address }: Asker,
    attempt: () => Promise<O>,
  ): Promise<O | ReturnType<typeof refused<"busy">>> {
    const begun = this.#failures.begin(name, address);
    if (!begun.ok) {
      this.#deps.observer?.heldBack(begun.by);
      return refused("busy", begun.waitMs);
    }
    let outcome: "right" | "wrong" | "undecided" = "undecided";
    try {
      const answer = await attempt();
      if (answer.ok) outcome = "right";
      else if (answer.refusal === "wrong-name-or-password") outcome = "wrong";
      else if (answer.refusal !== "busy") outcome = "right";
      return answer;
    } finally {
      begun.end(outcome);
    }
  }

  #admit(account: Account, asker: Asker): Authenticated {
    const { bannedUntilMs } = account;
    const leftMs = (bannedUntilMs ?? 0) - this.#deps.wallMs();
    if (leftMs > 0)
      return leftMs === Number.POSITIVE_INFINITY ? refused("banned") : refused("banned", leftMs);
    const isPending = account.email !== null && !account.isEmailConfirmed;
    const mustConfirm = this.#deps.settings.isConfirmationRequired && isPending;
    if (!mustConfirm) return accepted(account);
    this.#deps.observer?.unconfirmed(account, asker);
    return refused("email-unconfirmed");
  }

  async #lookUp(name: string): Promise<{ account: Account | null; credential: Credential }> {
    const decoy = await this.#decoys.credentialOf(name);
    const account = await this.#find(name);
    return { account, credential: account?.credential ?? decoy };
  }

  async #find(name: string): Promise<Account | null> {
    const { accounts } = this.#deps;
    if (!isEmail(name)) return isLoginName(name) ? accounts.findByName(name) : null;
    const email = readEmail(name);
    return email === null ? null : accounts.findByEmail(email.key);
  }
}
