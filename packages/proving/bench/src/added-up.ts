export function addedUp(
  counts: readonly Readonly<Record<string, number>>[],
): Readonly<Record<string, number>> {
  const all: Record<string, number> = {};
  for (const [kind, count] of counts.flatMap((each) => Object.entries(each))) {
    all[kind] = (all[kind] ?? 0) + count;
  }
  return all;
}
