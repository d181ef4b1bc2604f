type Methods = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;
type Way = <T>(what: string, run: () => Promise<T>) => Promise<T>;

/** Returns the same store, of which each call takes the way to the database. */
export const passing = <Store extends object>(store: Store, way: Way): Store =>
  Object.fromEntries(
    Object.entries(store as Methods).map(([name, method]) => [
      name,
      (...args: never[]) => way(name, () => method(...args)),
    ]),
  ) as Store;
