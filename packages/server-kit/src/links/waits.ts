import type { LockTiming } from "@sallyport/lock-core";

/**
 * Fixed bounds, in milliseconds. Each bound must fit either a timer that operators can set, or another bound:
 * see `timingMisfits`.
 */
export const waits = {
  /** A server waits this long for the answer of another server. Then it repeats the request. */
  askMs: 3_000,
  /** A server waits this long before it asks an owner again to release a lock. */
  kickMs: 2_000,
  /** When the evict timer of a lock has ended, a sweep frees the lock within this time. */
  sweepMs: 2_000,
  /** A client that enters a map waits at most this long for its map-server to be linked. */
  enterMs: 5_000,
  /** Maximum total time of the store operations in a hop between two map-servers. */
  hopStoresMs: 26_000,
  /** How long the SDK waits for an answer by default. */
  clientMs: 20_000,
} as const;

export type Waits = { readonly [Name in keyof typeof waits]: number };

/**
 * A map-server must accept a character within this time. The lock must not expire before the map-server
 * answers.
 */
export const expectMs = ({ handOverMs }: Pick<LockTiming, "handOverMs">): number =>
  Math.ceil(handOverMs * 0.8);

/** A map-server waits this long for the answer to a hop. The char-server needs less time to answer. */
export const hopMs = (timing: Pick<LockTiming, "handOverMs">): number => expectMs(timing) + waits.hopStoresMs;
