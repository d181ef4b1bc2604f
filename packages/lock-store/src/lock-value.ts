import { Unavailable } from "@sallyport/domain";

/**
 * The value under one key is not a lock. Waiting does not help, but other locks are not affected, so a caller
 * that reads many locks continues with the others.
 */
export class UnreadableLock extends Unavailable {
  override readonly name = "UnreadableLock";
}

/** Another program uses the key of this lock. */
export const keyInOtherUse = (key: string, options?: ErrorOptions): UnreadableLock =>
  new UnreadableLock(`the key of lock ${key} holds something that is not a lock`, options);

/** A handler for `catch`: it continues without a lock that cannot be read. */
export function nullIfUnreadable(error: unknown): null {
  if (error instanceof UnreadableLock) return null;
  throw error;
}

/**
 * Reads the lock that a store keeps under `key`. Null: the entry has no value. An unreadable value was
 * written by another program or by a newer version. It fails the work that needs this lock, and no process.
 * The error does not quote the value, because it may contain login ids; the parser's own error would.
 */
export function readLock<Lock extends object>(
  key: string,
  value: string | null,
  isLock: (read: object) => boolean = () => true,
): Lock {
  if (value === null) throw keyInOtherUse(key);
  let read: unknown;
  try {
    read = JSON.parse(value);
  } catch {
    throw new UnreadableLock(`the value of lock ${key} is not JSON`);
  }
  if (typeof read === "object" && read !== null && isLock(read)) return read as Lock;
  throw new UnreadableLock(`the value of lock ${key} is not a lock`);
}
