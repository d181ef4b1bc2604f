/** Maximum number of spelling mistakes in a similar word. Two swapped letters are one mistake. */
const mistakesMax = 2;

/** Returns the word with the fewest spelling mistakes. Returns null if no word is similar enough. */
export function nearestTo(text: string, known: readonly string[]): string | null {
  let nearest: string | null = null;
  let fewest = mistakesMax + 1;
  for (const candidate of known) {
    const mistakes = mistakesBetween(text, candidate);
    if (mistakes < fewest) [nearest, fewest] = [candidate, mistakes];
  }
  return nearest;
}

/** Returns the number of letters to insert, remove, replace or swap (optimal string alignment). */
function mistakesBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > mistakesMax) return Number.POSITIVE_INFINITY;
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(replaced, swapped, at(last, j) + 1, at(row, j - 1) + 1));
    }
    [before, last] = [last, row];
  }
  return at(last, b.length);
}

const at = (row: readonly number[], index: number): number => row[index] ?? Number.POSITIVE_INFINITY;
