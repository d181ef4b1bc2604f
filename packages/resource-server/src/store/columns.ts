import { sqlStatesOf } from "@sallyport/database";
import { levels } from "../permissions.ts";

/** Seconds since 1970, as the seed's clients read times. As `float8`, `pg` gives a number. */
export const seconds = (column: string): string => `floor(extract(epoch FROM ${column}))::float8`;

/**
 * True if an asker may see entry `e`: the rule of `maySee`. Lists are cut into pages by Postgres, so it has to
 * leave out what the asker may not see.
 */
export const seen = (level: string, askerId: string): string =>
  `(${level} >= ${levels.moderate} OR (${level} >= ${levels.write} AND e.user_id = ${askerId})
    OR (${level} >= ${levels.read} AND e.verified))`;

/** `DELETE` and `UPDATE` return a row for each row that they found. */
export const isAny = (rows: readonly unknown[] | null): boolean => rows !== null && rows.length > 0;

export interface Page {
  readonly limit: number;
  readonly offset: number;
}

/** A row that another one refers to. It was there when the request was decided. */
const goneState = "23503";

/** Resolves to null if the statement refers to a row that was removed meanwhile. */
export async function rowsUnlessGone<Row>(statement: Promise<Row[]>): Promise<Row[] | null> {
  try {
    return await statement;
  } catch (error) {
    if (sqlStatesOf(error).includes(goneState)) return null;
    throw error;
  }
}
