import type { AttemptBounds } from "./attempt-bounds.ts";
import type { AttemptCounts, CountKind, HeldBackBy } from "./attempt-limits.ts";
import { tallyOf } from "./tallies.ts";

/** What is counted of an address or a name now. */
export interface LimitReading {
  readonly by: HeldBackBy | "ban";
  /** Failures, offers or registrations. For `ban`: failures on the way to a ban. */
  readonly count: number;
  readonly limit: number;
  /** Whether further attempts are refused, for this many milliseconds. */
  readonly isReached: boolean;
  readonly leftMs: number;
}

const byOf = {
  addresses: "address",
  names: "name",
  offers: "offers",
  failures: "ban",
  registrations: "registrations",
} as const satisfies { readonly [K in Exclude<CountKind, "waits">]: LimitReading["by"] };

/**
 * Reads what is counted, for operators. Counts whose window is over are left out. `nameKey` is a key that the
 * function of this name returned. A name that reached its limit waits between attempts; only addresses from
 * which the account lately logged in do not.
 */
export async function limitsOf(
  counts: AttemptCounts,
  bounds: AttemptBounds,
  { address, nameKey }: { readonly address?: string | undefined; readonly nameKey?: string | undefined },
): Promise<readonly LimitReading[]> {
  const limits = {
    addresses: bounds.attemptsPerAddress,
    names: bounds.failuresPerName,
    offers: bounds.offersPerAddress,
    failures: bounds.failuresToBan,
    registrations: bounds.registrationsPerAddress,
  };
  const read = async (kind: keyof typeof byOf, key: string | undefined): Promise<LimitReading[]> => {
    const found = key === undefined || limits[kind] === 0 ? null : await counts[kind].of(key);
    if (found === null) return [];
    const isTally = kind === "addresses" || kind === "names";
    const count = isTally ? tallyOf(found).failures : found.count;
    const isReached = count >= limits[kind];
    const wait = kind === "names" && isReached ? await counts.waits.of(key ?? "") : null;
    const leftMs = kind === "names" ? (wait?.leftMs ?? 0) : found.leftMs;
    return count > 0 ? [{ by: byOf[kind], count, limit: limits[kind], isReached, leftMs }] : [];
  };
  const readings = await Promise.all([
    read("addresses", address),
    read("names", nameKey),
    read("offers", address),
    read("failures", address),
    read("registrations", address),
  ]);
  return readings.flat();
}
