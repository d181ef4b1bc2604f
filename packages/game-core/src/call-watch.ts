/** Learns of each call of the game's code. So another thread can find a call that does not end. */
export interface CallWatch {
  /**
   * `path` is that of the called function in the definition, `map` the name of the map, or null if the call is
   * for none. Calls do not nest. If this throws, the function is not called, and counts as failed. `ended`
   * follows in each case.
   */
  began(path: string, map: string | null): void;
  ended(): void;
}

/** Runs a part of the game that is no handler. */
export function watched<T>(
  calls: CallWatch | undefined,
  path: string,
  run: () => T,
  map: string | null = null,
): T {
  try {
    calls?.began(path, map);
    return run();
  } finally {
    calls?.ended();
  }
}
