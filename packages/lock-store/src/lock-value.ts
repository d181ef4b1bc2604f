import { Unavailable } from "@sallyport/domain";

/**
 * The value under one key is not a lock. Waiting does not help. Other locks are not affected, so a caller
 * that reads many locks continues with the others.
 */
export class UnreadableLock extends Unavailable {
  override readonly name = "UnreadableLock";
}

export const keyInOtherUse = (key: string, options?: ErrorOptions): UnreadableLock =>
  new UnreadableLock(`the key of lock ${key} holds something that is not a lock`, options);

/** A handler for `catch`: the caller continues without a lock that cannot be read. */
export function nullIfUnreadable(error: unknown): null {
  if (error instanceof UnreadableLock) return null;
  throw error;
}

/**
 * Parses a stored lock. `value` is null if the entry has no value. If another program or a newer version
 * wrote the value, it may be unreadable. Then only the work that needs this lock fails, and no process ends.
 * Unlike an error of JSON.parse, the error does not quote the value, because a value may contain login ids.
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
