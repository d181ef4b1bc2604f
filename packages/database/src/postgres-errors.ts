import { Unavailable } from "@sallyport/domain";
import pg from "pg";

/**
 * What an error of Postgres says. `statement`: something about the statement itself, which a store turns into a refusal,
 * or a bug of ours. `not-now`: the statement was not carried out, or nobody can say; the next one may be. `connection`: the
 * same, and the state of this connection is to blame, so that another one is needed.
 */
type Meaning = "statement" | "not-now" | "connection";

/**
 * By SQLSTATE, or the beginning of one. A statement that is cancelled before it was parsed leaves those behind it with a
 * name that nobody knows (26000), and names that are known to one side only are found out by either side (42P05).
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
  // After these the server closes the connection, whatever it was.
  if (severity === "FATAL" || severity === "PANIC") return "connection";
  // The table was changed since the statement was prepared. Other causes of 0A000 are bugs.
  if (code === "0A000" && routine === "RevalidateCachedQuery") return "connection";
  return meanings[code] ?? meanings[code.slice(0, 2)] ?? "statement";
}

/** Turns what `pg` threw into `Unavailable`, except for what Postgres says about the statement itself. */
export function unavailableUnlessStatement(error: unknown): unknown {
  if (error instanceof Unavailable) return error;
  if (!(error instanceof pg.DatabaseError)) return new Unavailable("Postgres did not answer", error);
  if (meaningOf(error) === "statement") return error;
  return new Unavailable(`Postgres could not do it now (${error.code})`, error);
}

/** Whether the connection can be used no more: it broke, timed out, or is in a state that it should not be in. */
export const endsConnection = (error: unknown): boolean =>
  !(error instanceof pg.DatabaseError) || meaningOf(error) === "connection";

/** The server takes no writes: a standby, or a primary that became one. */
export const readOnlyState = "25006";

export const isReadOnly = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.code === readOnlyState;

/** The SQLSTATEs of what was thrown while something was asked; none: Postgres said nothing. */
export function sqlStatesOf(error: unknown): readonly string[] {
  if (error instanceof pg.DatabaseError) return error.code === undefined ? [] : [error.code];
  if (error instanceof AggregateError) return error.errors.flatMap(sqlStatesOf);
  return error instanceof Error && error.cause !== undefined ? sqlStatesOf(error.cause) : [];
}

/** The name of the unique constraint or index that a write ran into. */
export function violatedUniqueness(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError && error.code === "23505" ? error.constraint : undefined;
}
