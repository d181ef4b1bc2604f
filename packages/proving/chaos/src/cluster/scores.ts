import type { Entry, StoredScore } from "../history/fact.ts";
import { withClient } from "./audit.ts";

/*
 * Postgres itself records under which fence, and of which map-server, each score was stored: the statement that
 * stores it has locked the row of the character.
 */
const install = `
  CREATE TABLE chaos_scores (key text NOT NULL, char_id bigint NOT NULL, fence int NOT NULL, owner text NOT NULL);
  CREATE FUNCTION chaos_scores() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO chaos_scores (key, char_id, fence, owner)
        SELECT NEW.key, id, lock_fence, lock_owner FROM characters WHERE id = NEW.char_id;
      RETURN NULL;
    END
  $$;
  CREATE TRIGGER chaos_scores AFTER INSERT ON score_outbox FOR EACH ROW EXECUTE FUNCTION chaos_scores();
  INSERT INTO resource.leaderboards (name, default_permission, ascending) VALUES ('steps', 1, false);
`;

export async function installScores(url: string): Promise<void> {
  await withClient(url, (client) => client.query(install));
}

/** The number of scores that no resource-server has taken. */
export async function scoresWaiting(url: string): Promise<number> {
  const { rows } = await withClient(url, (client) =>
    client.query<{ readonly waiting: number }>("SELECT count(*)::int AS waiting FROM score_outbox"),
  );
  return rows[0]?.waiting ?? 0;
}

export async function readScores(
  url: string,
): Promise<{ readonly scores: readonly StoredScore[]; readonly entries: readonly Entry[] }> {
  return withClient(url, async (client) => {
    const scores = await client.query<StoredScore>(
      'SELECT key, char_id::int AS "charId", fence, owner AS "mapServer" FROM chaos_scores',
    );
    const entries = await client.query<Entry>(
      `SELECT source_key AS key, score FROM resource.leaderboard_entries
        WHERE leaderboard_id = (SELECT id FROM resource.leaderboards WHERE name = 'steps')`,
    );
    return { scores: scores.rows, entries: entries.rows };
  });
}
