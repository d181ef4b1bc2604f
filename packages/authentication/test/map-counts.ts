import {
  type AttemptBounds,
  type AttemptCounts,
  type AttemptLimits,
  CountedAttempts,
  defaultAttemptBounds,
  type WindowCounts,
  windowsOf,
} from "../src/index.ts";

/** Counts in memory, on a clock that the test moves. `said` lists all changes. */
export class MapCounts {
  readonly said: string[] = [];
  readonly counts: AttemptCounts;

  /** The store answers a change when this has resolved. */
  answering: Promise<void> = Promise.resolve();

  constructor(bounds: AttemptBounds, nowMs: () => number) {
    const windows = windowsOf(bounds);
    const of = (kind: keyof AttemptCounts): WindowCounts => {
      const open = new Map<string, { count: number; endsMs: number }>();
      const at = (key: string) => {
        const found = open.get(key);
        return found !== undefined && nowMs() < found.endsMs ? found : undefined;
      };
      return {
        add: async (key, amount, windowMs = windows[kind]) => {
          this.said.push(`${kind} ${amount}`);
          await this.answering;
          const found = at(key) ?? { count: 0, endsMs: nowMs() + windowMs };
          found.count += amount;
          open.set(key, found);
          return { count: found.count, leftMs: found.endsMs - nowMs() };
        },
        of: async (key) => {
          const found = at(key);
          return found === undefined ? null : { count: found.count, leftMs: found.endsMs - nowMs() };
        },
      };
    };
    this.counts = {
      addresses: of("addresses"),
      names: of("names"),
      waits: of("waits"),
      offers: of("offers"),
      failures: of("failures"),
      registrations: of("registrations"),
    };
  }
}

/** Returns limits with a store of their own. */
export function limitedBy(
  some: Partial<AttemptBounds>,
  nowMs: () => number,
): { readonly limits: AttemptLimits; readonly store: MapCounts; readonly bans: readonly string[] } {
  const bans: string[] = [];
  const bounds = { ...defaultAttemptBounds, ...some };
  const store = new MapCounts(bounds, nowMs);
  const limits = new CountedAttempts({
    ...{ counts: store.counts, bounds, clusterSecret: new Uint8Array(32), nowMs },
    ban: async (address, failures) => void bans.push(`${address} after ${failures}`),
    pause: async () => {},
  });
  return { limits, store, bans };
}
