import type { AttemptBounds } from "./attempt-bounds.ts";

/** What an attempt was refused by: see `AttemptBounds`. */
export type HeldBackBy = "name" | "address" | "offers" | "registrations";

export interface HeldBack<Refusal extends string> {
  readonly ok: false;
  readonly refusal: Refusal;
  readonly by: HeldBackBy;
  readonly waitMs: number;
}

/** `undecided`: the password was not checked, or the account was not created, for another reason. */
export type AttemptOutcome = "right" | "wrong" | "undecided";

/** The caller of an attempt that is allowed must call `end` once. */
export interface Allowed {
  readonly ok: true;
  end(outcome: AttemptOutcome): void;
}

export interface LimitedAsker {
  /** An address as `addressOf` in `link` returns it. */
  readonly address: string;
  /** Aborts when the client no longer waits. The attempt then gives up its place in the line. */
  readonly gone: AbortSignal;
}

/**
 * Bounds how fast passwords can be guessed and accounts be created. `busy` says that too many attempts are
 * under way. `too-many-attempts` says that too many have failed.
 */
export interface AttemptLimits {
  /**
   * Counts an attempt to log in with this name. Calls `isKnownPlace` only if the name is limited. It returns
   * whether somebody lately logged in with this name from this address.
   */
  begin(
    name: string,
    asker: LimitedAsker,
    isKnownPlace: () => Promise<boolean>,
  ): Promise<Allowed | HeldBack<"too-many-attempts" | "busy">>;
  /** Counts an attempt to create an account. It is `wrong` if the name was taken. */
  beginRegistration(
    asker: LimitedAsker,
  ): Promise<Allowed | HeldBack<"too-many-attempts" | "too-many-accounts" | "busy">>;
  /** Counts an offer of a salt to this address. It does not wait for the store. */
  offer(address: string): { readonly ok: true } | HeldBack<"too-many-attempts">;
  /** Takes back one offer to this address, because a correct proof followed. */
  offerServed(address: string): void;
}

const allowed: Allowed = { ok: true, end() {} };

/** Allows everything. */
export const unlimited: AttemptLimits = {
  begin: async () => allowed,
  beginRegistration: async () => allowed,
  offer: () => allowed,
  offerServed() {},
};

export interface WindowCount {
  readonly count: number;
  /** Milliseconds until the window ends. The count is then 0. */
  readonly leftMs: number;
}

/**
 * Counts by key. A window begins with the first change of a key, and has a fixed length. All login-servers
 * share the counts. The promises do not reject: while the store is away, each process counts for itself.
 */
export interface WindowCounts {
  /** Adds an amount, which may be negative, and returns the new count. A new window may get its own length. */
  add(key: string, amount: number, windowMs?: number): Promise<WindowCount>;
  /** Returns null if no window of the key is open. */
  of(key: string): Promise<WindowCount | null>;
}

const kinds = ["addresses", "names", "waits", "offers", "failures", "registrations"] as const;
export type CountKind = (typeof kinds)[number];

export type AttemptCounts = { readonly [K in CountKind]: WindowCounts };

/** The usual length of the windows of each count, in milliseconds. */
export const windowsOf = (bounds: AttemptBounds): { readonly [K in CountKind]: number } => ({
  addresses: bounds.attemptWindowMs,
  names: bounds.failuresForgottenMs,
  waits: bounds.failureWaitMaxMs,
  offers: bounds.failuresForgottenMs,
  failures: bounds.banWindowMs,
  registrations: bounds.registrationWindowMs,
});
