import type { LockTiming } from "@sallyport/lock-core";

/*
 * Fixed bounds, in milliseconds. Each has to fit a timer that can be set, or another bound. They stand here
 * so that `timingMisfits` can compare them.
 */
export const waits = {
  /** The time until a request to another server is answered or repeated. */
  askMs: 3_000,
  /** The time until an owner that was asked to release is asked again. */
  kickMs: 2_000,
  /** Added to the evict timer, for the sweep that carries it out. */
  sweepMs: 2_000,
  /** How long a client that enters a map waits for the link of its map-server. */
  enterMs: 5_000,
  /** All the time that stores may take in a hop between two map-servers. */
  hopStoresMs: 26_000,
  /** How long the SDK waits for an answer by default. */
  clientMs: 20_000,
} as const;

export type Waits = { readonly [Name in keyof typeof waits]: number };

/**
 * How long a map-server may take to accept a character. The lock must still be in its state when the answer
 * comes.
 */
export const expectMs = ({ handOverMs }: Pick<LockTiming, "handOverMs">): number =>
  Math.ceil(handOverMs * 0.8);

/** How long a map-server waits for a hop: longer than its char-server can take. */
export const hopMs = (timing: Pick<LockTiming, "handOverMs">): number => expectMs(timing) + waits.hopStoresMs;
