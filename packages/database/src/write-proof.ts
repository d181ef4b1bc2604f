import type { Database, Statement } from "./database.ts";

const prove: Statement = {
  name: "write-proof",
  text: `INSERT INTO write_proofs (id, proven_at) VALUES (1, now())
    ON CONFLICT (id) DO UPDATE SET proven_at = excluded.proven_at`,
};

/** Any program that reaches the admin port may ask. */
const sharedMs = 1_000;

/**
 * Resolves once Postgres accepted a write, and rejects if it does not. All callers within a second share one
 * write.
 */
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
