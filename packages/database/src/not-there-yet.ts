import pg from "pg";
import { unavailableUnlessStatement } from "./postgres-errors.ts";

/** System errors for a server that is not up yet, or a name that is not known yet. */
const systemCodes = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"],
  // A name that is created together with the server, and the socket of a server on this machine.
  ...["ENOTFOUND", "EAI_AGAIN", "ENOENT"],
]);
/** `pg` has no codes for these errors. */
const inWords = /timeout expired|Connection terminated|no answer/i;

/**
 * Whether Postgres may still come up, judged by an error while connecting. A wrong password, a missing
 * database or an untrusted certificate does not go away by waiting.
 */
export function isNotThereYet(error: unknown): boolean {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.some(isNotThereYet);
  if (error instanceof pg.DatabaseError) return unavailableUnlessStatement(error) !== error;
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? error.code : undefined;
  if (typeof code === "string" && systemCodes.has(code)) return true;
  return error.cause === undefined ? inWords.test(error.message) : isNotThereYet(error.cause);
}
