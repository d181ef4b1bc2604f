import { Unavailable } from "@sallyport/domain";
import pg from "pg";

/**
 * The meaning of a Postgres error.
 *
 * - `statement`: the error is about the statement itself. A store turns it into a refusal, or it is a bug in
 *   this project.
 * - `not-now`: Postgres did not carry out the statement, or its outcome is unknown. The next statement may
 *   succeed.
 * - `connection`: like `not-now`, but the state of this connection is the cause, so another connection is
 *   needed.
 */
type Meaning = "statement" | "not-now" | "connection";

/**
 * The meanings by SQLSTATE, or by its first two characters. If Postgres cancels a statement before parsing
 * it, the prepared statement does not exist there, and later executions by its name fail (26000). The
 * opposite occurs too: Postgres has a prepared statement of a name that this process has not prepared yet
 * (42P05).
 */
const meanings: { readonly [state: string]: Meaning } = {
  "08": "connection", // the connection was lost or got invalid bytes; PgBouncer uses no other class
  "22003": "not-now", // the fence in the row has reached its maximum
  "25": "connection", // a transaction that this project did not begin; 25006: the server is read-only
  "26": "connection", // no prepared statement of that name
  "34": "connection", // no portal of that name
  "40": "not-now", // the transaction was rolled back, for example after a deadlock
  "42P03": "connection", // a portal of that name exists
  "42P05": "connection", // a prepared statement of that name exists
  "53": "not-now", // out of memory, disk space or connections
  "55P03": "not-now", // a lock was not granted in time
  "57": "connection", // the statement was cancelled, or Postgres shuts down
  "58": "not-now", // an error of the operating system
  XX: "connection", // an internal error, or corrupted data
};

function meaningOf({ code = "", severity, routine }: pg.DatabaseError): Meaning {
  // After an error of this severity, Postgres closes the connection.
  if (severity === "FATAL" || severity === "PANIC") return "connection";
  // The table was changed since the statement was prepared. Other causes of 0A000 are bugs.
  if (code === "0A000" && routine === "RevalidateCachedQuery") return "connection";
  return meanings[code] ?? meanings[code.slice(0, 2)] ?? "statement";
}

/** Turns an error of `pg` into `Unavailable`, unless the error is about the statement itself. */
export function unavailableUnlessStatement(error: unknown): unknown {
  if (error instanceof Unavailable) return error;
  if (!(error instanceof pg.DatabaseError))
    return new Unavailable("Postgres did not answer", { store: "Postgres", cause: error });
  if (meaningOf(error) === "statement") return error;
  return new Unavailable(`Postgres could not do it now (${error.code})`, { store: "Postgres", cause: error });
}

export const endsConnection = (error: unknown): boolean =>
  !(error instanceof pg.DatabaseError) || meaningOf(error) === "connection";

/**
 * A server that accepts no writes answers with this SQLSTATE. It is a standby, or a primary that became a
 * standby.
 */
export const readOnlyState = "25006";

export const isReadOnly = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.code === readOnlyState;

/** Returns the SQLSTATEs in an error, or an empty list if the error does not come from Postgres. */
export function sqlStatesOf(error: unknown): readonly string[] {
  if (error instanceof pg.DatabaseError) return error.code === undefined ? [] : [error.code];
  if (error instanceof AggregateError) return error.errors.flatMap(sqlStatesOf);
  return error instanceof Error && error.cause !== undefined ? sqlStatesOf(error.cause) : [];
}

export function violatedUniqueness(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError && error.code === "23505" ? error.constraint : undefined;
}

/**
 * Returns true if Postgres rejected a statement because of a value in it or in a row. Nothing was then
 * changed.
 */
export const isOfOneRow = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? "");
