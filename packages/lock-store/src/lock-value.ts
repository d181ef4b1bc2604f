import { UnreadableLock } from "./store-unavailable.ts";

/**
 * The lock that a store keeps under `key`; null: the store has something there that has no value. A value that is none was written by others, or by a newer version: it costs what
 * needs this lock, and no process. Nothing of the value is told, for login ids may be in it; the parser's own error quotes it.
 */
export function readLock<Lock extends object>(
  key: string,
  value: string | null,
  isLock: (read: object) => boolean = () => true,
): Lock {
  if (value === null) throw new UnreadableLock(`what stands under lock ${key} is no lock`);
  let read: unknown;
  try {
    read = JSON.parse(value);
  } catch {
    throw new UnreadableLock(`the value of lock ${key} is not JSON`);
  }
  if (typeof read === "object" && read !== null && isLock(read)) return read as Lock;
  throw new UnreadableLock(`the value of lock ${key} is no lock`);
}
