import { Random } from "@sallyport/random";

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [upper = Number.NaN, lower = upper] = [sorted[middle], sorted[middle - 1]];
  return sorted.length % 2 === 1 ? upper : (lower + upper) / 2;
}

/**
 * The probability that a value of `a` is larger than a value of `b`. If it is 0.5, the groups cannot be
 * distinguished. If it is 0 or 1, they can always be distinguished.
 */
export function auc(a: readonly number[], b: readonly number[]): number {
  const sorted = b.toSorted((x, y) => x - y);
  const wins = a.reduce((sum, each) => sum + (below(sorted, each) + belowOrSame(sorted, each)) / 2, 0);
  return wins / (a.length * b.length);
}

/**
 * Divides all values into two groups at random, many times. Returns the interval that contains the AUC in 95
 * of 100 divisions.
 */
export function aucByChance(
  a: readonly number[],
  b: readonly number[],
  random: Random,
): readonly [low: number, high: number] {
  const all = [...a, ...b];
  const drawn = Array.from({ length: 1_000 }, () => {
    const shuffled = shuffle(all, random);
    return auc(shuffled.slice(0, a.length), shuffled.slice(a.length));
  }).sort((x, y) => x - y);
  return [drawn[25] ?? 0, drawn[974] ?? 1];
}

export function shuffle<T>(values: readonly T[], random: Random): T[] {
  const shuffled = [...values];
  for (let index = shuffled.length - 1; index > 0; index -= 1) {
    const other = random.whole(0, index);
    [shuffled[index], shuffled[other]] = [shuffled[other] as T, shuffled[index] as T];
  }
  return shuffled;
}

const below = (sorted: readonly number[], value: number): number =>
  countWhile(sorted, (each) => each < value);
const belowOrSame = (sorted: readonly number[], value: number): number =>
  countWhile(sorted, (each) => each <= value);

/** Counts the first values of a sorted list for which `holds` is true. */
function countWhile(sorted: readonly number[], holds: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(sorted[middle] as number)) low = middle + 1;
    else high = middle;
  }
  return low;
}
