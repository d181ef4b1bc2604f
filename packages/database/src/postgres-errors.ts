import { Unavailable } from "@sallyport/domain";
import pg from "pg";

/**
 * Classes of SQLSTATE that say "not now" rather than "not so": connection, transaction rolled back by the server,
 * resources, operator intervention (shutdown, cancelled by a timeout), and the system below.
 */
const notNow = ["08", "40", "53", "57", "58"];
/** A standby after a failover, and a wait for a lock given up. */
const notNowCodes = ["25006", "55P03"];

/**
 * Turns what `pg` threw into `Unavailable`, except for what Postgres says about the statement itself: a violated
 * constraint, which stores turn into a refusal, or a bug of ours.
 */
export function unavailableUnlessStatement(error: unknown): unknown {
  if (error instanceof Unavailable) return error;
  if (!(error instanceof pg.DatabaseError)) return new Unavailable("Postgres did not answer", error);
  const code = error.code ?? "";
  if (!notNow.includes(code.slice(0, 2)) && !notNowCodes.includes(code)) return error;
  return new Unavailable(`Postgres could not do it now (${code})`, error);
}

/** Whether the connection can be used no more: it broke, timed out, or the server says that it closes it. */
export function endsConnection(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || (error.code ?? "").startsWith("57P");
}

/** The name of the unique constraint or index that a write ran into. */
export function violatedUniqueness(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError && error.code === "23505" ? error.constraint : undefined;
}
