import type { Database, Statement } from "./database.ts";

const prove: Statement = {
  name: "write-proof",
  text: `INSERT INTO write_proofs (id, proven_at) VALUES (1, now())
    ON CONFLICT (id) DO UPDATE SET proven_at = excluded.proven_at`,
};

/**
 * All requests within this time share one write. This limits the load on Postgres, because any program that
 * reaches the admin port can ask for a proof.
 */
const sharedMs = 1_000;

/** Resolves when Postgres has accepted a write. */
export function createWriteProof(
  database: Database,
  nowMs: () => number = () => performance.now(),
): () => Promise<void> {
  let latest: { readonly atMs: number; readonly proven: Promise<void> } | undefined;
  return () => {
    if (latest === undefined || nowMs() - latest.atMs >= sharedMs) {
      latest = { atMs: nowMs(), proven: database.query(prove, []).then(() => {}) };
    }
    return latest.proven;
  };
}
