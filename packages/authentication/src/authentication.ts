import {
  AccountId,
  accepted,
  bannedName,
  type Outcome,
  type Refused,
  refused,
  refusedBecause,
  refusedWith,
  type SaltOffer,
  unknownName,
} from "@sallyport/domain";
import type { Account, EndingLogins, RegisteredAccounts } from "./account.ts";
import type {
  Allowed,
  AttemptLimits,
  AttemptOutcome,
  HeldBack,
  HeldBackBy,
  LimitedAsker,
} from "./attempt-limits.ts";
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
import { isLoginName, isPassword } from "./name-rules.ts";
import { orMade } from "./or-made.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import {
  type FormRefusal,
  type Registration,
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

export interface AuthenticationSettings extends RegistrationPolicy {
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

export interface Asker extends LimitedAsker {
  /** The limits that hold for this client. */
  readonly limits: AttemptLimits;
  /**
   * Called with the account that the name of an attempt belongs to, or with null. For the trail of operators:
   * the client must never learn it.
   */
  readonly meant?: (accountId: AccountId | null) => void;
}

interface RawLogin {
  readonly name: string;
  readonly password: string;
  readonly saysUnknown?: boolean;
}

type LoginRefusal = "wrong-name-or-password" | "banned" | "email-unconfirmed" | "too-many-attempts" | "busy";
type Authenticated = Outcome<Account, LoginRefusal>;

type RegisterRefusal =
  | FormRefusal
  | "name-taken"
  | "email-taken"
  | "too-many-attempts"
  | "too-many-accounts"
  | "busy";

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

  constructor(deps: AuthenticationDeps) {
    const { accounts, clusterSecret, nowMs, settings } = deps;
    const { rememberMs, rememberedMax } = settings;
    this.#deps = deps;
    this.#decoys = new Decoys({ accounts, clusterSecret, wanted: deps.hasher.parameters, nowMs });
    this.#remembered = new RememberedLogins({
      ...{ rememberMs, rememberedMax, nowMs },
      secret: deps.randomBytes(32),
    });
  }

  async register(form: RegistrationForm, asker: Asker): Promise<Outcome<Registered, RegisterRefusal>> {
    const read = readRegistration(form, this.#deps.settings);
    if (!read.ok) return read;
    const begin = asker.limits.beginRegistration(asker);
    return this.#counted(begin, registrationOutcome, () => this.#register(read.value, asker));
  }

  async #register(
    { name, email, password, sex, invitation }: Registration,
    { address, gone }: Asker,
  ): Promise<Outcome<Registered, RegisterRefusal>> {
    const { accounts, hasher, settings } = this.#deps;
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

  /**
   * The old password counts as a login. Remembered logins with it end on every login-server. The fence of the
   * answer is that of `PasswordFence`.
   */
  async changePassword(
    { endsLogins, ...of }: { name: string; password: string; newPassword: string } & EndingLogins,
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
    const change = { accountId, replaced, credential: hashed.value, endsLogins };
    const changed = await orMade(
      () => accounts.changePassword(change),
      () => accounts.passwordFence(change),
    );
    // Somebody else changed the password after the old one was checked.
    if (!changed.ok) return refused("wrong-name-or-password");
    return accepted({ ...old.value, ...changed.value, credential: hashed.value });
  }

  /**
   * With `saysUnknown`, the answer to a wrong password tells what an attempt to register would tell, and whether the
   * account is banned. Without open registration, and for an e-mail address, it tells nothing.
   */
  byPassword(login: RawLogin, asker: Asker): Promise<Authenticated> {
    const begin = this.#beginLogin(login.name, asker);
    return this.#counted(begin, loginOutcome, () => this.#byPassword(login, asker));
  }

  /**
   * Offers the salt of the name. An e-mail address always gets the salt of a decoy, and no proof of it is
   * right. Otherwise two equal salts would tell which name belongs to which address.
   */
  async challenge(
    name: string,
    asker: Asker,
  ): Promise<Outcome<{ offer: SaltOffer; challenge: Challenge }, "too-many-attempts">> {
    const offered = asker.limits.offer(asker.address);
    if (!offered.ok) return this.#holdBack(offered);
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
    return this.#counted(this.#beginLogin(challenge.name, asker), loginOutcome, async () => {
      const { name, nonce, credential } = challenge;
      const message = authMessage({ name, nonce, clientNonce, salt: credential.salt });
      const proven = verifyProof(credential, proof, message);
      const { account } = await this.#lookUp(name);
      asker.meant?.(account?.accountId ?? null);
      // The password may have changed since the challenge was sent.
      const isRight = proven !== null && account !== null && isSameCredential(account.credential, credential);
      if (!isRight) return refused("wrong-name-or-password");
      asker.limits.offerServed(asker.address);
      const admitted = this.#admit(account, asker);
      return admitted.ok ? accepted({ account, serverSignature: proven.serverSignature }) : admitted;
    });
  }

  #wrong({ name, saysUnknown }: RawLogin, account: Account | null): Refused<"wrong-name-or-password"> {
    const isTold = saysUnknown === true && this.#deps.settings.registrationMode === "open" && !isEmail(name);
    if (!isTold) return refused("wrong-name-or-password");
    if (account === null) return refusedWith("wrong-name-or-password", unknownName);
    return this.#banOf(account) === null
      ? refused("wrong-name-or-password")
      : refusedWith("wrong-name-or-password", bannedName);
  }

  async #byPassword(login: RawLogin, asker: Asker): Promise<Authenticated> {
    const { name, password } = login;
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
    if (account === null || !isRight) return this.#wrong(login, account);
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

  #beginLogin(name: string, asker: Asker): ReturnType<AttemptLimits["begin"]> {
    return asker.limits.begin(name, asker, async () => {
      const account = await this.#find(name);
      // A name that nobody has costs the same look-up.
      const accountId = account?.accountId ?? AccountId(0);
      return this.#deps.accounts.hasLoggedInFrom({ accountId, address: asker.address });
    });
  }

  #holdBack<R extends string>({ by, refusal, waitMs }: HeldBack<R>): Refused<R> {
    this.#deps.observer?.heldBack(by);
    return refused(refusal, waitMs);
  }

  /** Runs one attempt if the limits allow it, and tells them how it ended. */
  async #counted<O extends Outcome<unknown, string>, R extends string>(
    begin: Promise<Allowed | HeldBack<R>>,
    outcomeOf: (answer: O) => AttemptOutcome,
    attempt: () => Promise<O>,
  ): Promise<O | Refused<R>> {
    const begun = await begin;
    if (!begun.ok) return this.#holdBack(begun);
    let outcome: AttemptOutcome = "undecided";
    try {
      const answer = await attempt();
      outcome = outcomeOf(answer);
      return answer;
    } finally {
      begun.end(outcome);
    }
  }

  #banOf({ bannedUntilMs, banReason: detail }: Account): Refused<"banned"> | null {
    const leftMs = (bannedUntilMs ?? 0) - this.#deps.wallMs();
    const retryAfterMs = leftMs === Number.POSITIVE_INFINITY ? null : leftMs;
    return leftMs > 0 ? refusedBecause("banned", { retryAfterMs, detail }) : null;
  }

  #admit(account: Account, asker: Asker): Authenticated {
    const ban = this.#banOf(account);
    if (ban !== null) return ban;
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

function loginOutcome(answer: Outcome<unknown, LoginRefusal>): AttemptOutcome {
  if (answer.ok || answer.refusal === "banned" || answer.refusal === "email-unconfirmed") return "right";
  return answer.refusal === "wrong-name-or-password" ? "wrong" : "undecided";
}

/** These refusals tell something to a client that tries out names, addresses or codes. */
const telling: ReadonlySet<RegisterRefusal> = new Set(["name-taken", "email-taken", "invitation-invalid"]);

function registrationOutcome(answer: Outcome<unknown, RegisterRefusal>): AttemptOutcome {
  if (answer.ok) return "right";
  return telling.has(answer.refusal) ? "wrong" : "undecided";
}
