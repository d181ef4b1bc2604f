import {
  type Account,
  type AccountStore,
  authMessage,
  type Credential,
  decoyCredential,
  isAccountName,
  isPassword,
  matchesCredential,
  needsRehash,
  nonceBytes,
  type PasswordHasher,
  verifyProof,
} from "@sallyport/database";
import { type AccountId, accepted, type Outcome, refused, type SaltOffer, type Sex } from "@sallyport/domain";

/*
 * Who somebody is: raw passwords and proofs against one credential. A name that nobody has costs the same work and
 * is answered in the same words as a wrong password.
 */

export interface AuthenticationDeps {
  readonly accounts: AccountStore;
  readonly hasher: PasswordHasher;
  /** The same on every login-server, and after a restart. */
  readonly clusterSecret: Uint8Array;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly wallMs: () => number;
}

type Authenticated = Outcome<Account, "wrong-name-or-password" | "banned" | "busy">;

/** What was offered to one connection; good for one proof. */
export interface Challenge {
  readonly name: string;
  readonly nonce: Uint8Array;
  readonly credential: Credential;
}

export class Authentication {
  readonly #deps: AuthenticationDeps;

  constructor(deps: AuthenticationDeps) {
    this.#deps = deps;
  }

  async register(of: {
    name: string;
    password: string;
    sex: Sex;
  }): Promise<
    Outcome<{ accountId: AccountId }, "name-invalid" | "name-taken" | "password-invalid" | "busy">
  > {
    if (!isAccountName(of.name)) return refused("name-invalid");
    if (!isPassword(of.password)) return refused("password-invalid");
    // Asked before hashing, which is the dear part; the unique index decides all the same.
    if ((await this.#deps.accounts.findByName(of.name)) !== null) return refused("name-taken");
    const credential = await this.#deps.hasher.createCredential(of.password);
    if (!credential.ok) return credential;
    return this.#deps.accounts.create({ name: of.name, sex: of.sex, credential: credential.value });
  }

  /** `gone`: nobody waits for the answer any more, and a hash that has not begun is not made. */
  async byPassword(
    { name, password }: { name: string; password: string },
    gone?: AbortSignal,
  ): Promise<Authenticated> {
    const account = await this.#find(name);
    const credential = account?.credential ?? this.#decoy(name);
    const salted = await this.#deps.hasher.hash({
      password,
      salt: credential.salt,
      parameters: credential,
      ...(gone && { signal: gone }),
    });
    if (!salted.ok) return salted;
    const isRight = matchesCredential(credential, salted.value);
    if (account === null || !isRight) return refused("wrong-name-or-password");
    if (needsRehash(credential, this.#deps.hasher.parameters)) {
      const renewed = await this.#deps.hasher.createCredential(password);
      // When the hasher is busy the next login will do it.
      const { accountId } = account;
      if (renewed.ok) {
        await this.#deps.accounts.replaceCredential({
          accountId,
          replaced: credential,
          credential: renewed.value,
        });
      }
    }
    return this.#admit(account);
  }

  async challenge(name: string): Promise<{ offer: SaltOffer; challenge: Challenge }> {
    const credential = (await this.#find(name))?.credential ?? this.#decoy(name);
    const nonce = this.#deps.randomBytes(nonceBytes);
    const { salt, memoryKib, iterations, parallelism } = credential;
    return {
      offer: { salt, memoryKib, iterations, parallelism, nonce },
      challenge: { name, nonce, credential },
    };
  }

  async byProof(
    { name, nonce, credential }: Challenge,
    proof: Uint8Array,
  ): Promise<
    Outcome<{ account: Account; serverSignature: Uint8Array }, "wrong-name-or-password" | "banned" | "busy">
  > {
    const message = authMessage({ name, nonce, salt: credential.salt });
    const proven = verifyProof(credential, proof, message);
    const account = await this.#find(name);
    if (proven === null || account === null) return refused("wrong-name-or-password");
    const admitted = this.#admit(account);
    return admitted.ok ? accepted({ account, serverSignature: proven.serverSignature }) : admitted;
  }

  #admit(account: Account): Authenticated {
    const { bannedUntilMs } = account;
    const isBanned = bannedUntilMs !== null && bannedUntilMs > this.#deps.wallMs();
    return isBanned ? refused("banned") : accepted(account);
  }

  async #find(name: string): Promise<Account | null> {
    return isAccountName(name) ? this.#deps.accounts.findByName(name) : null;
  }

  #decoy(name: string): Credential {
    return decoyCredential(this.#deps.clusterSecret, name, this.#deps.hasher.parameters);
  }
}
