import pg from "pg";
import { unavailableUnlessStatement } from "./postgres-errors.ts";

/** What the system says of a server that is not up yet, or whose name is not known yet. */
const systemCodes = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"],
  // A name that is made with the server, and the socket of one on this machine.
  ...["ENOTFOUND", "EAI_AGAIN", "ENOENT"],
]);
/** `pg` has no code for these. */
const inWords = /timeout expired|Connection terminated|no answer/i;

/**
 * Whether Postgres may yet come up, as far as what was thrown while connecting tells: a wrong password, a database that
 * does not exist or a certificate that is not trusted do not mend themselves.
 */
export function isNotThereYet(error: unknown): boolean {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.some(isNotThereYet);
  if (error instanceof pg.DatabaseError) return unavailableUnlessStatement(error) !== error;
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? error.code : undefined;
  if (typeof code === "string" && systemCodes.has(code)) return true;
  return error.cause === undefined ? inWords.test(error.message) : isNotThereYet(error.cause);
}
