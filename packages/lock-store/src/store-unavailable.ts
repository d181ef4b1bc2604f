/**
 * The store did not answer, or answered that it cannot serve now. Whether a change was made is unknown: whoever
 * asked reads again before it acts.
 */
export class StoreUnavailable extends Error {
  override readonly name: string = "StoreUnavailable";
}

/**
 * What the store has under one key is no lock. Waiting does not mend that; other locks are not concerned, so that who reads
 * many goes on with them.
 */
export class UnreadableLock extends StoreUnavailable {
  override readonly name = "UnreadableLock";
}

/** For `catch`: goes on without a lock that cannot be read. */
export function nullIfUnreadable(error: unknown): null {
  if (error instanceof UnreadableLock) return null;
  throw error;
}
