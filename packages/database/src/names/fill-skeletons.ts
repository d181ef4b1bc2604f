import type { Database, Statement } from "../database.ts";
import { skeletonsOf } from "./skeleton.ts";

const namesPerStatement = 1_000;

const statements = {
  without: {
    name: "character-without-skeletons",
    text: `SELECT id, name FROM characters WHERE world = $1 AND id > $2
        AND NOT EXISTS (SELECT FROM name_skeletons WHERE char_id = characters.id)
      ORDER BY id LIMIT ${namesPerStatement}`,
  },
  // If the names of two characters look alike, the older character gets the skeleton.
  fill: {
    name: "character-fill-skeletons",
    text: `INSERT INTO name_skeletons (world, skeleton, char_id)
      SELECT characters.world, skeleton, id FROM unnest($1::bigint[], $2::text[]) AS of_name (id, skeleton)
      JOIN characters USING (id) ORDER BY id, skeleton FOR KEY SHARE OF characters
      ON CONFLICT DO NOTHING`,
  },
} satisfies Record<string, Statement>;

export async function fillSkeletons(database: Database, world: string): Promise<void> {
  let last = "0";
  for (;;) {
    const rows = await database.query<{ id: string; name: string }>(statements.without, [world, last]);
    if (rows.length === 0) return;
    last = rows.at(-1)?.id ?? last;
    const named = rows.flatMap(({ id, name }) => skeletonsOf(name).map((skeleton) => ({ id, skeleton })));
    const values = [named.map(({ id }) => id), named.map(({ skeleton }) => skeleton)];
    await database.query(statements.fill, values);
  }
}
