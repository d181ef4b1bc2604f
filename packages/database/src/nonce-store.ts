import type { Database, Statement } from "./database.ts";

const use: Statement = {
  name: "nonce-use",
  text: `WITH forgotten AS (DELETE FROM used_nonces WHERE used_at < now() - interval '1 hour')
    INSERT INTO used_nonces (nonce) VALUES ($1) ON CONFLICT (nonce) DO NOTHING RETURNING nonce`,
};

/**
 * Returns a function that records the use of a nonce. It resolves to false if the nonce was used in the last
 * hour, at any server of this database. It can throw `Unavailable`.
 */
export const createNonceStore =
  (database: Database) =>
  async (nonce: string): Promise<boolean> =>
    (await database.query(use, [nonce])).length === 1;
