import type { LockTiming } from "@sallyport/lock-core";

/*
 * Fixed bounds, in milliseconds. Each bound must fit a timer that operators can set, or another bound: see
 * `timingMisfits`.
 */
export const waits = {
  /** How long a server waits for the answer of another server. Then the request is repeated. */
  askMs: 3_000,
  /** Pause before an owner is asked again to release its lock. */
  kickMs: 2_000,
  /** After the evict timer of a lock, a sweep has this long to expire the lock. */
  sweepMs: 2_000,
  /** If its map-server is not linked, a client that enters a map waits for at most this long. */
  enterMs: 5_000,
  /** Maximum total time of the store operations in a hop between two map-servers. */
  hopStoresMs: 26_000,
  /** How long the SDK waits for an answer by default. */
  clientMs: 20_000,
} as const;

export type Waits = { readonly [Name in keyof typeof waits]: number };

/**
 * How long a map-server may take to accept a character. The lock must not expire before the map-server
 * answers.
 */
export const expectMs = ({ handOverMs }: Pick<LockTiming, "handOverMs">): number =>
  Math.ceil(handOverMs * 0.8);

/** How long a map-server waits for the answer to a hop. The char-server needs less time to answer. */
export const hopMs = (timing: Pick<LockTiming, "handOverMs">): number => expectMs(timing) + waits.hopStoresMs;
