/**
 * The store did not answer, or answered that it cannot serve now. Nobody knows whether a change was made: the
 * caller has to read again before it acts.
 */
export class StoreUnavailable extends Error {
  override readonly name: string = "StoreUnavailable";
}

/**
 * The value under one key is not a lock. Waiting does not help, but other locks are not affected, so a caller
 * that reads many locks goes on with the others.
 */
export class UnreadableLock extends StoreUnavailable {
  override readonly name = "UnreadableLock";
}

/** Another program uses the key of this lock. */
export const keyInOtherUse = (key: string, options?: ErrorOptions): UnreadableLock =>
  new UnreadableLock(`the key of lock ${key} holds something that is not a lock`, options);

/** For `catch`: continues without a lock that cannot be read. */
export function nullIfUnreadable(error: unknown): null {
  if (error instanceof UnreadableLock) return null;
  throw error;
}
