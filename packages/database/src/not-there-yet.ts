import pg from "pg";
import { unavailableUnlessStatement } from "./postgres-errors.ts";

/** Error codes that the operating system gives while a server or the name of its host is not there yet. */
const systemCodes = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"],
  // A host name, or a Unix socket, may appear only when the server starts.
  ...["ENOTFOUND", "EAI_AGAIN", "ENOENT"],
]);
/** `pg` gives these errors no code, only a message. */
const inWords = /timeout expired|Connection terminated|no answer/i;

/**
 * Returns true if a later attempt to connect can succeed after this error. Waiting does not help against a
 * wrong password, a missing database or an untrusted certificate.
 */
export function isNotThereYet(error: unknown): boolean {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.some(isNotThereYet);
  if (error instanceof pg.DatabaseError) return unavailableUnlessStatement(error) !== error;
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? error.code : undefined;
  if (typeof code === "string" && systemCodes.has(code)) return true;
  return error.cause === undefined ? inWords.test(error.message) : isNotThereYet(error.cause);
}
