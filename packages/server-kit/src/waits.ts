import type { LockTiming } from "@sallyport/lock-core";

/*
 * Bounds that nobody sets, in milliseconds. Each has to fit a timer that is set, or another bound: so they stand here, where
 * `timingMisfits` compares them.
 */
export const waits = {
  /** Until what another server is asked is answered, or asked again. */
  askMs: 3_000,
  /** Until an owner that was asked to let go is asked again. */
  kickMs: 2_000,
  /** Beyond the evict timer, for the sweep that carries it out. */
  sweepMs: 2_000,
  /** For a client that enters a map, until its map-server is linked again. */
  enterMs: 5_000,
  /** All that stores may take in a hop between two map-servers. */
  hopStoresMs: 26_000,
  /** For a client's answer: what the SDK waits unless it is told otherwise. */
  clientMs: 20_000,
} as const;

export type Waits = { readonly [Name in keyof typeof waits]: number };

/** For the map-server that is to take a character. The lock must still be as it is when its answer comes. */
export const expectMs = ({ handOverMs }: Pick<LockTiming, "handOverMs">): number =>
  Math.ceil(handOverMs * 0.8);

/** For the map-server that passes a character on: longer than its char-server can take. */
export const hopMs = (timing: Pick<LockTiming, "handOverMs">): number => expectMs(timing) + waits.hopStoresMs;
