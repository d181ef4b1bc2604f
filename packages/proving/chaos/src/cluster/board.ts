import { withClient } from "./audit.ts";

/* The leaderboard of the authors: everybody may write on it, and nobody verifies anything. */

const name = "written";

/** Returns the id of the board. */
export async function installBoard(url: string): Promise<number> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ readonly id: number }>(
      "INSERT INTO resource.leaderboards (name, default_permission, ascending) VALUES ($1, 2, false) RETURNING id",
      [name],
    );
    const [board] = rows;
    if (board === undefined) throw new Error("Postgres made no leaderboard");
    return board.id;
  });
}

const read = `
  WITH entries AS (
    SELECT e.id, e.score, u.identity FROM resource.leaderboard_entries e
      JOIN resource.leaderboards b ON b.id = e.leaderboard_id AND b.name = $1
      JOIN resource.users u ON u.id = e.user_id
  )
  SELECT format('entry %s of %s', score, identity) AS row FROM entries
  UNION ALL SELECT format('comment %s of %s', c.content, u.identity) FROM resource.entry_comments c
    JOIN entries ON entries.id = c.entry_id JOIN resource.users u ON u.id = c.user_id
  UNION ALL SELECT format('proof %s of %s: %s', f.name, identity, convert_from(f.data, 'UTF8'))
    FROM resource.files f JOIN entries ON entries.id = f.entry_id
`;

/** Entries, comments and proofs, each as a line of text that says whose it is. */
export async function readBoard(url: string): Promise<readonly string[]> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ readonly row: string }>(read, [name]);
    return rows.map(({ row }) => row);
  });
}
