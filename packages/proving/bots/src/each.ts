export async function each<T>(
  all: Iterable<T>,
  atOnce: number,
  run: (one: T) => Promise<unknown>,
): Promise<void> {
  const waiting = all[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let next = waiting.next(); !next.done; next = waiting.next()) await run(next.value);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}
