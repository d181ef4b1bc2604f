import { canonicalName } from "./name-rules.ts";

/*
 * Bounds how fast passwords can be guessed. Failures are counted by address, and by name and address
 * together, so that no client can lock the owner of an account out. A count goes down as time passes. Once a
 * count is at its limit, each further failure doubles the time until the next attempt is allowed.
 *
 * Attempts in progress count too. Otherwise a client could send a thousand guesses at once, and all would be
 * checked before the first has failed.
 *
 * Offers of salts are counted by address in the same way. A client that asks for very many salts and proves
 * nothing may be comparing how long the answers take.
 */

export interface FailureBounds {
  /** After this many failures for one name from one address, the address has to wait. 0 sets no limit. */
  readonly failuresPerName: number;
  /** After this many failures for all names from one address, the address has to wait. 0 sets no limit. */
  readonly failuresPerAddress: number;
  /** A full count of failures is back to 0 after this time. The count falls evenly. */
  readonly failuresForgottenMs: number;
  readonly failureWaitMaxMs: number;
}

export type HeldBackBy = "name" | "address" | "offers";

export type Attempt =
  | { readonly ok: true; end(outcome: "right" | "wrong" | "undecided"): void }
  | { readonly ok: false; readonly by: HeldBackBy; readonly waitMs: number };

/** The limit for offers of salts to one address is this many times `failuresPerAddress`. */
const offersPerFailure = 10;
const firstWaitMs = 1_000;
const busyWaitMs = 250;

export class FailedLogins {
  readonly #names: Tallies;
  readonly #addresses: Tallies;
  readonly #offers: Tallies;

  /**
   * At most `keptMax` names and at most `keptMax` addresses are counted. If there are more, the least
   * recently changed count is forgotten.
   */
  constructor(bounds: FailureBounds, nowMs: () => number, keptMax = 100_000) {
    const { failuresPerName, failuresPerAddress, failuresForgottenMs, failureWaitMaxMs } = bounds;
    const shared = { failuresForgottenMs, failureWaitMaxMs, nowMs, keptMax };
    // Close to its limit, a name gets one attempt at a time. An address may serve many people, so an address
    // gets more.
    this.#names = new Tallies({
      ...shared,
      limit: failuresPerName,
      atOnce: Number.POSITIVE_INFINITY,
      atOnceStrained: 1,
    });
    this.#addresses = new Tallies({
      ...shared,
      limit: failuresPerAddress,
      atOnce: failuresPerAddress * 4,
      atOnceStrained: Math.ceil(failuresPerAddress / 10),
    });
    this.#offers = new Tallies({
      ...shared,
      limit: failuresPerAddress * offersPerFailure,
      atOnce: Number.POSITIVE_INFINITY,
      atOnceStrained: Number.POSITIVE_INFINITY,
    });
  }

  /**
   * Counts an offer of a salt to this address. If a correct proof follows, `offerServed` takes the offer
   * back.
   */
  offer(address: string): { readonly ok: true } | { readonly ok: false; by: HeldBackBy; waitMs: number } {
    const waitMs = this.#offers.waitMs(address);
    if (waitMs > 0) return { ok: false, by: "offers", waitMs };
    this.#offers.begin(address);
    this.#offers.end(address, true);
    return { ok: true };
  }

  /** Takes back one offer to this address, because a correct proof followed. */
  offerServed(address: string): void {
    this.#offers.forgive(address);
  }

  /** If the attempt is allowed, the caller must call `end`. */
  begin(name: string, address: string): Attempt {
    const ofName = `${address} ${canonicalName(name)}`;
    const nameWaitMs = this.#names.waitMs(ofName);
    if (nameWaitMs > 0) return { ok: false, by: "name", waitMs: nameWaitMs };
    const addressWaitMs = this.#addresses.waitMs(address);
    if (addressWaitMs > 0) return { ok: false, by: "address", waitMs: addressWaitMs };
    this.#names.begin(ofName);
    this.#addresses.begin(address);
    return {
      ok: true,
      end: (outcome) => {
        this.#names.end(ofName, outcome === "wrong");
        this.#addresses.end(address, outcome === "wrong");
        // Do not reset the count of the address: an attacker could clear it with a login to their own
        // account.
        if (outcome === "right") this.#names.forget(ofName);
      },
    };
  }
}

interface Tally {
  /** The count at the time `atMs`. The count goes down as time passes. */
  failures: number;
  atMs: number;
  blockedUntilMs: number;
  underWay: number;
}

interface TalliesOptions extends Pick<FailureBounds, "failuresForgottenMs" | "failureWaitMaxMs"> {
  readonly nowMs: () => number;
  readonly keptMax: number;
  readonly limit: number;
  readonly atOnce: number;
  readonly atOnceStrained: number;
}

class Tallies {
  readonly #options: TalliesOptions;
  /** The least recently changed tally comes first. */
  readonly #tallies = new Map<string, Tally>();

  constructor(options: TalliesOptions) {
    this.#options = options;
  }

  /** Milliseconds until the next attempt is allowed. 0 if it is allowed now. */
  waitMs(key: string): number {
    const { limit, atOnce, atOnceStrained, nowMs } = this.#options;
    const tally = this.#tallies.get(key);
    if (limit === 0 || tally === undefined) return 0;
    if (tally.blockedUntilMs > nowMs()) return Math.ceil(tally.blockedUntilMs - nowMs());
    // The count may have reached the limit and gone down a little since. Such a count is strained too.
    const isStrained = this.#failuresOf(tally) > limit - 1;
    return tally.underWay >= (isStrained ? atOnceStrained : atOnce) ? busyWaitMs : 0;
  }

  begin(key: string): void {
    if (this.#options.limit === 0) return;
    this.#change(key, (tally) => {
      tally.underWay += 1;
    });
  }

  end(key: string, hasFailed: boolean): void {
    const { limit, failureWaitMaxMs, nowMs } = this.#options;
    if (limit === 0) return;
    this.#change(key, (tally) => {
      // `underWay` can be 0 already: a tally beyond `keptMax` was forgotten while attempts were in progress.
      tally.underWay = Math.max(0, tally.underWay - 1);
      if (!hasFailed) return;
      // The count stops growing when the wait has reached its maximum. Otherwise the count would take too
      // long to go down again.
      const most = limit + Math.ceil(Math.log2(Math.max(1, failureWaitMaxMs / firstWaitMs)));
      tally.failures = Math.min(most, this.#failuresOf(tally) + 1);
      tally.atMs = nowMs();
      const over = Math.round(tally.failures - limit);
      if (over < 0) return;
      tally.blockedUntilMs = nowMs() + Math.min(failureWaitMaxMs, firstWaitMs * 2 ** over);
    });
  }

  forget(key: string): void {
    const tally = this.#tallies.get(key);
    if (tally !== undefined && tally.underWay === 0) this.#tallies.delete(key);
    else if (tally !== undefined) tally.failures = 0;
  }

  forgive(key: string): void {
    if (!this.#tallies.has(key)) return;
    this.#change(key, (tally) => {
      tally.failures = Math.max(0, this.#failuresOf(tally) - 1);
      tally.atMs = this.#options.nowMs();
    });
  }

  #failuresOf({ failures, atMs }: Tally): number {
    const { limit, failuresForgottenMs, nowMs } = this.#options;
    return Math.max(0, failures - ((nowMs() - atMs) * limit) / failuresForgottenMs);
  }

  #change(key: string, change: (tally: Tally) => void): void {
    const { keptMax, nowMs } = this.#options;
    const tally = this.#tallies.get(key) ?? { failures: 0, atMs: nowMs(), blockedUntilMs: 0, underWay: 0 };
    change(tally);
    this.#tallies.delete(key);
    if (tally.underWay === 0 && this.#failuresOf(tally) === 0) return;
    this.#tallies.set(key, tally);
    const [oldest] = this.#tallies.keys();
    if (this.#tallies.size > keptMax && oldest !== undefined) this.#tallies.delete(oldest);
  }
}
