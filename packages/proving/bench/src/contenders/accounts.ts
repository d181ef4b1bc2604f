import { RagnarokClient } from "@sallyport/ragnarok-load";
import pg from "pg";
import type { Address } from "../generator/visit.ts";
import type { Places } from "./places.ts";

export interface Accounts {
  readonly names: readonly string[];
  /** The password of all accounts. Each account has one character. */
  readonly password: string;
  /** If there are more accounts than places, some characters share a place. */
  readonly places: Places;
}

const model = "model";

/**
 * Copies the first account, which a client registered. Each copy has a different name, and its character
 * stands at a different place.
 */
const fill = `
WITH added AS (
  INSERT INTO accounts (name, sex, salt, memory_kib, iterations, parallelism, stored_key, server_key)
  SELECT named.name, sex, salt, memory_kib, iterations, parallelism, stored_key, server_key
  FROM accounts, unnest($2::text[]) AS named (name) WHERE accounts.name = $1
  RETURNING id, name
), numbered AS (
  SELECT id, name, (row_number() OVER (ORDER BY id))::int - 1 AS nth FROM added
), placed AS (
  SELECT id, name, nth / $5 AS map_nth, nth % $5 AS nth FROM numbered
)
INSERT INTO characters (account_id, world, slot, name, map, x, y, attributes)
SELECT placed.id, world, slot, placed.name, ($6::text[])[1 + map_nth % cardinality($6::text[])],
  x + nth % $3 * $4, y + nth / $3 * $4, attributes
FROM placed, characters`;

/** Creates the accounts of a new cluster. `login` is the cluster's login door for Ragnarok clients. */
export async function createAccounts(
  { login, databaseUrl }: { readonly login: Address; readonly databaseUrl: string },
  { names, password, places }: Accounts,
): Promise<void> {
  await register(login, password);
  const { maps, perRow, perMap, cellsApart } = places;
  const database = new pg.Client(databaseUrl);
  await database.connect();
  try {
    await database.query(fill, [model, names, perRow, cellsApart, perMap, maps]);
    await database.query("ANALYZE");
  } finally {
    await database.end();
  }
}

/** Registers an account and enters the char-server, which creates a character for the account. */
async function register(login: Address, password: string): Promise<void> {
  const client = new RagnarokClient({ login, account: model, password });
  try {
    const answer = await client.login(`${model}_F`);
    if (answer.type !== "AC_ACCEPT_LOGIN") throw new Error(`not registered: ${answer.type}`);
    await client.enterChar();
    if (client.characters.length !== 1) throw new Error("the new account has no character");
  } finally {
    await client.leave();
  }
}
