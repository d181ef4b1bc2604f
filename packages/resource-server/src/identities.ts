import type { IdentityAnswer } from "@sallyport/identity-token";

/** Checks tokens. A `TokenFeed` is one; in one process with a login-server, its keys may be used directly. */
export interface Identities {
  verify(token: string, audience: string): Promise<IdentityAnswer>;
  /** Whether it is known which tokens were revoked up to two minutes ago. */
  isFresh(): boolean;
}

/**
 * Whether the identity in a request can be the one in its token. Names of accounts are unique whatever their case,
 * and are stored in NFKC. An account can also log in with its e-mail address, which tokens do not tell, so an
 * address is not compared. Only the token says who it is.
 */
export const isSameIdentity = (said: string, proven: string): boolean =>
  said.includes("@") || foldOf(said) === foldOf(proven);

const foldOf = (name: string): string => name.normalize("NFKC").toLowerCase();

/** An account that has only an e-mail address has no name that others may see. */
export const identityOf = ({ name, sub }: { readonly name: string | null; readonly sub: string }): string =>
  name ?? `#${sub}`;
