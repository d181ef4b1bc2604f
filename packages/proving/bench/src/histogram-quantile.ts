/** The values of a Prometheus histogram: by upper bound, how many observations were at most that. */
export type Buckets = Readonly<Record<string, number>>;

/**
 * Estimates a quantile of the observations between two readings of a histogram. It takes observations as evenly
 * spread within their bucket, like `histogram_quantile` of Prometheus. Above the greatest bound it returns that
 * bound. Returns NaN if there were no observations.
 */
export function quantileBetween(before: Buckets, after: Buckets, quantile: number): number {
  const bounds = Object.entries(after)
    .map(([bound, count]) => ({ bound: boundOf(bound), count: count - (before[bound] ?? 0) }))
    .sort((a, b) => a.bound - b.bound);
  const wanted = quantile * (bounds.at(-1)?.count ?? 0);
  let below = { bound: 0, count: 0 };
  for (const each of bounds) {
    if (each.count >= wanted && each.count > below.count) {
      if (each.bound === Number.POSITIVE_INFINITY) return below.bound;
      const part = (wanted - below.count) / (each.count - below.count);
      return below.bound + part * (each.bound - below.bound);
    }
    below = each;
  }
  return Number.NaN;
}

const boundOf = (text: string): number => (text === "+Inf" ? Number.POSITIVE_INFINITY : Number(text));
