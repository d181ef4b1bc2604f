export const record = <Name extends string, T>(
  names: readonly Name[],
  valueOf: (name: Name, nth: number) => T,
): Record<Name, T> =>
  Object.fromEntries(names.map((name, nth) => [name, valueOf(name, nth)])) as Record<Name, T>;
