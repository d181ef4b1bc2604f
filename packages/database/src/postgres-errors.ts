import { Unavailable } from "@sallyport/domain";
import pg from "pg";

/**
 * The meaning of a Postgres error. `statement`: it concerns the statement itself; a store turns it into a
 * refusal, or it is a bug of ours. `not-now`: the statement was not carried out, or its outcome is unknown;
 * the next one may work. `connection`: the same, and the state of this connection is the cause, so another
 * connection is needed.
 */
type Meaning = "statement" | "not-now" | "connection";

/**
 * The meanings by SQLSTATE, or by its first characters. If a statement is cancelled before it was parsed, the
 * statements behind it use an unknown name (26000). A name may be known to Postgres but not to this process,
 * or the other way round (42P05).
 */
const meanings: { readonly [state: string]: Meaning } = {
  "08": "connection", // lost, or its bytes made no sense; PgBouncer has no other class
  "22003": "not-now", // a fence in the row cannot be raised any further
  "25": "connection", // inside a transaction that none of ours began; 25006: only reads here, as on a standby
  "26": "connection", // no prepared statement of that name
  "34": "connection", // no portal of that name
  "40": "not-now", // rolled back: deadlock, recovery
  "42P03": "connection", // a portal of that name exists
  "42P05": "connection", // a prepared statement of that name exists
  "53": "not-now", // memory, disk, connections
  "55P03": "not-now", // no lock in time
  "57": "connection", // cancelled, or the server shuts down
  "58": "not-now", // the system below
  XX: "connection", // internal, data corrupted
};

function meaningOf({ code = "", severity, routine }: pg.DatabaseError): Meaning {
  // After these the server closes the connection, whatever the error was.
  if (severity === "FATAL" || severity === "PANIC") return "connection";
  // The table was changed since the statement was prepared. Other causes of 0A000 are bugs.
  if (code === "0A000" && routine === "RevalidateCachedQuery") return "connection";
  return meanings[code] ?? meanings[code.slice(0, 2)] ?? "statement";
}

/** Turns an error of `pg` into `Unavailable`, unless Postgres says something about the statement itself. */
export function unavailableUnlessStatement(error: unknown): unknown {
  if (error instanceof Unavailable) return error;
  if (!(error instanceof pg.DatabaseError))
    return new Unavailable("Postgres did not answer", { store: "Postgres", cause: error });
  if (meaningOf(error) === "statement") return error;
  return new Unavailable(`Postgres could not do it now (${error.code})`, { store: "Postgres", cause: error });
}

/** Whether the connection cannot be used any more: it broke, timed out, or is in a wrong state. */
export const endsConnection = (error: unknown): boolean =>
  !(error instanceof pg.DatabaseError) || meaningOf(error) === "connection";

/** The server accepts no writes: a standby, or a primary that became one. */
export const readOnlyState = "25006";

export const isReadOnly = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.code === readOnlyState;

/** The SQLSTATEs of an error; none: Postgres said nothing. */
export function sqlStatesOf(error: unknown): readonly string[] {
  if (error instanceof pg.DatabaseError) return error.code === undefined ? [] : [error.code];
  if (error instanceof AggregateError) return error.errors.flatMap(sqlStatesOf);
  return error instanceof Error && error.cause !== undefined ? sqlStatesOf(error.cause) : [];
}

/** The name of the unique constraint or index that a write violated. */
export function violatedUniqueness(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError && error.code === "23505" ? error.constraint : undefined;
}
