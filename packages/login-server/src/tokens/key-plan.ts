import type { StoredTokenKey } from "@sallyport/database";

/** Within this time verifiers fetch the public keys. A new key signs only after it. */
export const publishedMs = 120_000;

/** A key is replaced when this part of its life is left. */
const leftPart = 0.1;

export interface KeyPlan {
  /** Null: no key signs. */
  readonly signsWith: StoredTokenKey | null;
  /** The number of the key that has to be made now. Null: there are enough. */
  readonly makes: number | null;
  /** Verifiers are told of these. */
  readonly published: readonly StoredTokenKey[];
}

export interface KeyPlanOptions {
  /** How long a new key signs. */
  readonly lifeMs: number;
  /** Whether this server can sign with the key: it has its private half. */
  readonly canSign: (key: StoredTokenKey) => boolean;
}

/** Decides about the keys, which are sorted by their numbers. */
export function planKeys(
  keys: readonly StoredTokenKey[],
  nowMs: number,
  { lifeMs, canSign }: KeyPlanOptions,
): KeyPlan {
  const published = keys.filter(({ verifiesUntilMs }) => nowMs < verifiesUntilMs);
  const usable = published.filter((key) => nowMs < key.signsUntilMs && canSign(key));
  const known = usable.filter(({ madeMs }) => nowMs - madeMs >= publishedMs);
  const isEnough = usable.some(({ signsUntilMs }) => signsUntilMs - nowMs > lifeMs * leftPart);
  return {
    // While every key is new, the oldest of them is the best known.
    signsWith: known.at(-1) ?? usable[0] ?? null,
    makes: isEnough ? null : (keys.at(-1)?.number ?? 0) + 1,
    published,
  };
}
