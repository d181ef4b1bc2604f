import type { Database, Statement } from "./database.ts";

const proofIn = (table: string): Statement => ({
  name: table.replaceAll(/[._]/g, "-"),
  text: `INSERT INTO ${table} (id, proven_at) VALUES (1, now())
    ON CONFLICT (id) DO UPDATE SET proven_at = excluded.proven_at`,
});

/**
 * All requests within this time share one write. This limits the load on Postgres, because any program that
 * reaches the admin port can ask for a proof.
 */
const sharedMs = 1_000;

/** Resolves when Postgres has accepted a write to the one row of this table. */
export function createWriteProof(
  database: Database,
  nowMs: () => number = () => performance.now(),
  table = "write_proofs",
): () => Promise<void> {
  const prove = proofIn(table);
  let latest: { readonly atMs: number; readonly proven: Promise<void> } | undefined;
  return () => {
    if (latest === undefined || nowMs() - latest.atMs >= sharedMs) {
      latest = { atMs: nowMs(), proven: database.query(prove, []).then(() => {}) };
    }
    return latest.proven;
  };
}
