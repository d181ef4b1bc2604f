import type { Database, Statement } from "@sallyport/database";
import { accepted, type Outcome, refusedWith } from "@sallyport/domain";
import type { EntryFacts, ProofFacts } from "../facts.ts";
import { isAny, rowsUnlessGone } from "./columns.ts";

/** Files that prove entries. */
export interface ProofStore {
  add(
    entry: EntryFacts,
    file: { readonly name: string; readonly bytes: Uint8Array },
  ): Promise<Outcome<null, "conflict">>;
  /** Null: it was removed meanwhile. */
  bytes(proof: ProofFacts): Promise<Buffer | null>;
  /** False: there was none. */
  remove(proof: ProofFacts): Promise<boolean>;
}

const proofsMax = 16;

const statements = {
  // `kept_proofs` lets requests of one user at once pass no bound together.
  add: {
    name: "resource-proof-add",
    text: `INSERT INTO resource.files (entry_id, name, bytes, data)
      SELECT $1::int, $2::text, octet_length($3::bytea), $3::bytea
      FROM resource.kept_proofs($5::int, $1::int) AS kept
      WHERE $4::int > kept.of_entry AND $6::bigint >= kept.author_bytes + octet_length($3::bytea)
      RETURNING id`,
  },
  bytes: { name: "resource-proof-bytes", text: "SELECT data FROM resource.files WHERE id = $1" },
  remove: { name: "resource-proof-remove", text: "DELETE FROM resource.files WHERE id = $1 RETURNING id" },
} satisfies Record<string, Statement>;

export function createProofStore(database: Database, proofBytesMax: number): ProofStore {
  return {
    async add({ entryId, authorId }, { name, bytes }) {
      const values = [entryId, name, bytes, proofsMax, authorId, proofBytesMax];
      if (isAny(await rowsUnlessGone(database.query(statements.add, values)))) return accepted(null);
      const room = `the entry has ${proofsMax} proofs, or yours would take more than ${proofBytesMax} bytes`;
      return refusedWith("conflict", `file: ${room}`);
    },
    async bytes({ fileId }) {
      const [row] = await database.query<{ data: Buffer }>(statements.bytes, [fileId]);
      return row?.data ?? null;
    },
    async remove({ fileId }) {
      return isAny(await database.query(statements.remove, [fileId]));
    },
  };
}
