import type { Database, Statement } from "./database.ts";

const note: Statement = {
  name: "lock-space-note",
  text: "INSERT INTO lock_spaces (name) VALUES ($1) ON CONFLICT (name) DO NOTHING RETURNING name",
};

/** Records that a space has locks. Resolves to true if the space was recorded before. */
export async function noteLockSpace(database: Database, name: string): Promise<boolean> {
  return (await database.query(note, [name])).length === 0;
}
