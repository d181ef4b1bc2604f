import { StoreUnavailable } from "./store-unavailable.ts";

/**
 * The lock that a store keeps under `key`. A value that is none was written by others, or by a newer version: it costs what
 * needs this lock, and no process. Nothing of the value is told, for login ids may be in it; the parser's own error quotes it.
 */
export function readLock<Lock extends object>(
  key: string,
  value: string,
  isLock: (read: object) => boolean = () => true,
): Lock {
  let read: unknown;
  try {
    read = JSON.parse(value);
  } catch {
    throw new StoreUnavailable(`the value of lock ${key} is not JSON`);
  }
  if (typeof read === "object" && read !== null && isLock(read)) return read as Lock;
  throw new StoreUnavailable(`the value of lock ${key} is no lock`);
}
