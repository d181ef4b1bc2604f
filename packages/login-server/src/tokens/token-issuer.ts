import type { TokenStore } from "@sallyport/database";
import { type AccountId, accepted, type IdentityToken, type Outcome } from "@sallyport/domain";
import { identityIssuer, identityTokenMs, type JwkSet, type RevocationList } from "@sallyport/identity-token";
import { type KeySeal, signIdentity, signRevocations } from "@sallyport/identity-token/issuing";
import type { Host } from "@sallyport/server-kit";
import { Kept, type Reading } from "./kept.ts";
import { TokenKeys } from "./token-keys.ts";

export interface TokenIssuerDeps {
  readonly store: TokenStore;
  readonly seal: KeySeal;
  /** The kinds of servers for which there are tokens. The first one is for a client that names none. */
  readonly audiences: readonly string[];
  /** How long a token is valid: within the bounds of `identityTokenMs`. */
  readonly lifeMs: number;
  readonly keyLifeMs: number;
}

export interface TokenRequest {
  readonly accountId: AccountId;
  /** The stored key with which a password was checked. Null: no password was checked. */
  readonly storedKey: Uint8Array | null;
  readonly audience: string;
}

/** Everybody may read these. Servers verify tokens with them. */
export interface PublishedTokens {
  /** Both throw `Unavailable`. */
  keys(): Promise<JwkSet>;
  /** The signed revocation list. */
  revocations(): Promise<string>;
}

/** A token may be issued a second ahead, and clocks of machines differ a little. */
const withinMs = identityTokenMs.max + 60_000;
/** A list of this length has about a megabyte. */
const revocationsMax = 20_000;
const listMs = 5_000;

const tokenIdBytes = 16;

/** Issues identity tokens, and tells which of them have ended. */
export class TokenIssuer implements PublishedTokens {
  readonly #host: Pick<Host, "clock" | "wallMs" | "randomBytes">;
  readonly #deps: TokenIssuerDeps;
  readonly #keys: TokenKeys;
  readonly #list: Kept<string>;

  constructor(host: Host, deps: TokenIssuerDeps) {
    this.#host = host;
    this.#deps = deps;
    this.#keys = new TokenKeys(host, { store: deps.store, seal: deps.seal, lifeMs: deps.keyLifeMs });
    this.#list = new Kept({
      clock: host.clock,
      forMs: listMs,
      read: () => this.#readRevocations(),
      // The list says when it was made, so verifiers see that it is old.
      isUsable: () => true,
    });
  }

  /** Null: there are no tokens for this kind of server. */
  audienceOf(asked: string | null): string | null {
    const { audiences } = this.#deps;
    return asked === null ? (audiences[0] ?? null) : audiences.includes(asked) ? asked : null;
  }

  /** `no-such-account` also if the credential is no longer that one. Throws `Unavailable`. */
  async issue({
    accountId,
    storedKey,
    audience,
  }: TokenRequest): Promise<Outcome<IdentityToken, "no-such-account" | "banned">> {
    const { store, lifeMs } = this.#deps;
    const key = await this.#keys.signing();
    const found = await store.holder(accountId, storedKey);
    if (!found.ok) return found;
    const { name, role, issuedS: iat } = found.value;
    const exp = iat + Math.floor(lifeMs / 1_000);
    const jti = Buffer.from(this.#host.randomBytes(tokenIdBytes)).toString("base64url");
    const about = { iss: identityIssuer, sub: String(accountId), name, role } as const;
    const token = await signIdentity(key, { ...about, aud: audience, iat, exp, jti });
    return accepted({ token, expiresS: exp });
  }

  keys(): Promise<JwkSet> {
    return this.#keys.published();
  }

  revocations(): Promise<string> {
    return this.#list.current();
  }

  /** Deletes old keys and old revocations. Throws `Unavailable`. */
  forget(): Promise<void> {
    return this.#deps.store.forget(withinMs);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#keys.stop(), this.#list.settled()]);
  }

  async #readRevocations(): Promise<Reading<string>> {
    const { clock, wallMs } = this.#host;
    const [readMs, at] = [clock.nowMs(), wallMs()];
    const newest = await this.#deps.store.revocations(withinMs, revocationsMax + 1);
    const revoked = newest
      .slice(0, revocationsMax)
      .map(({ accountId: account, beforeMs }) => ({ account, beforeMs }));
    const list: RevocationList = { at, revoked, allBeforeMs: newest[revocationsMax]?.beforeMs ?? null };
    return { value: await signRevocations(await this.#keys.signing(), list), readMs };
  }
}
