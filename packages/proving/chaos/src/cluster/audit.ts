import pg from "pg";
import type { AuditRow } from "../history/fact.ts";
import { stepsOf } from "../history/link-tap.ts";

/*
 * Postgres itself records every change to a character, in the same transaction as the change. The trigger
 * runs while the row is locked. So the sequence numbers of one character follow the order of its changes.
 */
const install = `
  CREATE TABLE chaos_audit (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    char_id bigint NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL
  );
  CREATE FUNCTION chaos_audit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO chaos_audit (char_id, before, after) VALUES (NEW.id, to_jsonb(OLD), to_jsonb(NEW));
      RETURN NULL;
    END
  $$;
  CREATE TRIGGER chaos_audit AFTER UPDATE ON characters FOR EACH ROW EXECUTE FUNCTION chaos_audit();
`;

interface Character {
  readonly lock_fence: number;
  readonly save_number: number;
  readonly attributes: unknown;
  readonly map: string;
  readonly x: number;
  readonly y: number;
}

interface Row {
  readonly seq: string;
  readonly at_ms: number;
  readonly char_id: string;
  readonly before: Character;
  readonly after: Character;
}

export async function installAudit(url: string): Promise<void> {
  await withClient(url, (client) => client.query(install));
}

export async function readAudit(url: string): Promise<AuditRow[]> {
  const { rows } = await withClient(url, (client) =>
    client.query<Row>(
      `SELECT seq, (extract(epoch FROM at) * 1000)::float8 AS at_ms, char_id, before, after
        FROM chaos_audit ORDER BY seq`,
    ),
  );
  return rows.map(({ seq, at_ms: atMs, char_id: charId, before, after }) => ({
    seq: Number(seq),
    atMs,
    charId: Number(charId),
    fenceBefore: before.lock_fence,
    fence: after.lock_fence,
    saveNumberBefore: before.save_number,
    saveNumber: after.save_number,
    before: stateOf(before),
    state: stateOf(after),
  }));
}

/** The id of the only character of each account, by the name or the e-mail address of the account. */
export async function readCharacters(url: string): Promise<ReadonlyMap<string, number>> {
  const { rows } = await withClient(url, (client) =>
    client.query<{ readonly id: string; readonly login: string }>(
      `SELECT characters.id, coalesce(accounts.email, accounts.name) AS login
        FROM characters JOIN accounts ON accounts.id = characters.account_id`,
    ),
  );
  return new Map(rows.map(({ id, login }) => [login, Number(id)]));
}

const stateOf = ({ attributes, map, x, y }: Character) => ({ steps: stepsOf(attributes), map, x, y });

export async function withClient<T>(url: string, run: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  // If Postgres is killed, the statement fails, and its caller decides.
  client.on("error", () => {});
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}
