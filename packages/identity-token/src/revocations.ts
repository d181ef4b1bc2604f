import { compactVerify, errors } from "jose";
import { z } from "zod";
import { type IdentityClaims, revocationListType, signatureAlgorithm } from "./claims.ts";
import type { VerificationKeys } from "./keys.ts";

/*
 * The revocation list is a JWS (RFC 7515) in compact form over JSON, with the same keys as tokens. It names
 * accounts and not tokens: a ban, another role, a new password or a deletion ends all tokens of an account.
 */

const unixMs = z.number().nonnegative();

const revocation = z.object({
  /** The account id. */
  account: z.int().nonnegative(),
  /** Tokens that were issued at this time or before it are void. Milliseconds since 1970. */
  beforeMs: unixMs,
});

const revocationList = z.object({
  /** The list was made at this time, in milliseconds since 1970. */
  at: unixMs,
  /** Has each account once, and only accounts of which a token may still be valid. */
  revoked: z.array(revocation).readonly(),
  /** If too many accounts have a revocation, tokens of every account are void up to this time. */
  allBeforeMs: unixMs.nullable().default(null),
});

export type Revocation = Readonly<z.infer<typeof revocation>>;
export type RevocationList = Readonly<z.infer<typeof revocationList>>;

/** A list that is older than this tells nothing about bans of the last minutes. */
export const listFreshMs = 120_000;

/** Clocks of machines may differ by this. A list that is dated further ahead would shut out newer ones. */
export const listAheadMs = 30_000;

export const isListAhead = (list: RevocationList, nowMs: number): boolean => list.at - nowMs > listAheadMs;

/** A list of the future would stay fresh for too long. */
export const isListFresh = (list: RevocationList | null, nowMs: number): boolean =>
  list !== null && nowMs - list.at < listFreshMs && !isListAhead(list, nowMs);

/** A list never changes, so each is sorted once. */
const sorted = new WeakMap<RevocationList, ReadonlyMap<number, number>>();

function beforeOf(list: RevocationList): ReadonlyMap<number, number> {
  let found = sorted.get(list);
  if (found === undefined) {
    found = new Map(list.revoked.map(({ account, beforeMs }) => [account, beforeMs]));
    sorted.set(list, found);
  }
  return found;
}

/**
 * Tokens have whole seconds. One that was issued in the second of the revocation is void, because it may have
 * been issued before.
 */
export function isRevoked({ sub, iat }: Pick<IdentityClaims, "sub" | "iat">, list: RevocationList): boolean {
  const beforeMs = beforeOf(list).get(Number(sub)) ?? Number.NEGATIVE_INFINITY;
  return iat * 1_000 <= Math.max(beforeMs, list.allBeforeMs ?? Number.NEGATIVE_INFINITY);
}

/** Null: this is no list that one of the keys signed. */
export async function verifyRevocations(
  list: string,
  keys: VerificationKeys,
): Promise<RevocationList | null> {
  try {
    const { payload, protectedHeader } = await compactVerify(list, keys, {
      algorithms: [signatureAlgorithm],
    });
    if (protectedHeader.typ !== revocationListType) return null;
    const read = revocationList.safeParse(JSON.parse(new TextDecoder().decode(payload)));
    return read.success ? read.data : null;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof SyntaxError) return null;
    throw error;
  }
}
