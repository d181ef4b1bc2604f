import type { Database, Statement } from "@sallyport/database";
import { accepted, type Outcome, refusedWith } from "@sallyport/domain";
import type { BoardFacts, EntryFacts } from "../facts.ts";
import { type Asker, levelOn } from "../permissions.ts";
import { noSuch } from "../refusals.ts";
import { isAny, type Page, rowsUnlessGone, seconds, seen } from "./columns.ts";

type RankedEntry = [
  id: number,
  userId: number,
  identity: string,
  score: number,
  submitted: number,
  isVerified: boolean,
];
type WaitingEntry = [id: number, userId: number, identity: string, score: number, submitted: number];
/** `verified` is the time of the verification. */
type WholeEntry = [
  ...entry: RankedEntry,
  verifierId: number | null,
  verifier: string | null,
  verified: number | null,
];
type Comment = [identity: string, written: number, content: string];
type ListedFile = [id: number, name: string, submitted: number];

export interface ShownEntry {
  readonly entry: WholeEntry;
  readonly comments: Comment[];
  readonly files: ListedFile[];
}

/** Entries of leaderboards, with their comments. Times are seconds since 1970. */
export interface EntryStore {
  /** The entries that the asker may see, the best first. Of equal scores, the one that came first is better. */
  ranked(asker: Asker, board: BoardFacts, page: Page): Promise<RankedEntry[]>;
  /** The unverified entries that the asker may see, the oldest first. */
  unverified(asker: Asker, board: BoardFacts, page: Page): Promise<WaitingEntry[]>;
  /** Null: it was removed meanwhile. */
  show(entryId: number): Promise<ShownEntry | null>;
  /** An empty comment is none. */
  add(
    asker: Asker,
    board: BoardFacts,
    entry: { readonly score: number; readonly comment: string },
  ): Promise<Outcome<number, "conflict" | "not-found">>;
  setVerified(asker: Asker, entry: EntryFacts, isVerified: boolean): Promise<Outcome<null, "conflict">>;
  comment(asker: Asker, entry: EntryFacts, content: string): Promise<Outcome<null, "conflict">>;
  /** Removes comments and proofs too. False: there was none. */
  remove(entryId: number): Promise<boolean>;
}

/** All comments and names of proofs of an entry fit into one answer. */
const commentsMax = 200;

const ranked = (name: string, direction: "ASC" | "DESC"): Statement => ({
  name,
  text: `SELECT e.id, e.user_id, u.identity, e.score, ${seconds("e.submitted_at")} AS submitted, e.verified
    FROM resource.leaderboard_entries e JOIN resource.users u ON u.id = e.user_id
    WHERE e.leaderboard_id = $1 AND ${seen("$2::int", "$3")}
    ORDER BY e.score ${direction}, e.id LIMIT $4 OFFSET $5`,
});

const statements = {
  upwards: ranked("resource-entries-upwards", "ASC"),
  downwards: ranked("resource-entries-downwards", "DESC"),
  unverified: {
    name: "resource-entries-unverified",
    text: `SELECT e.id, e.user_id, u.identity, e.score, ${seconds("e.submitted_at")} AS submitted
      FROM resource.leaderboard_entries e JOIN resource.users u ON u.id = e.user_id
      WHERE e.leaderboard_id = $1 AND NOT e.verified AND ${seen("$2::int", "$3")}
      ORDER BY e.id LIMIT $4 OFFSET $5`,
  },
  show: {
    name: "resource-entry-show",
    text: `SELECT
        json_build_array(e.id, e.user_id, u.identity, e.score, ${seconds("e.submitted_at")}, e.verified,
          e.verifier_id, v.identity, ${seconds("e.verified_at")}) AS entry,
        (SELECT coalesce(json_agg(json_build_array(w.identity, ${seconds("c.written_at")}, c.content)
            ORDER BY c.id), '[]')
          FROM resource.entry_comments c JOIN resource.users w ON w.id = c.user_id
          WHERE c.entry_id = e.id) AS comments,
        (SELECT coalesce(json_agg(json_build_array(f.id, f.name, ${seconds("f.submitted_at")})
            ORDER BY f.id), '[]')
          FROM resource.files f WHERE f.entry_id = e.id) AS files
      FROM resource.leaderboard_entries e JOIN resource.users u ON u.id = e.user_id
      LEFT JOIN resource.users v ON v.id = e.verifier_id WHERE e.id = $1`,
  },
  // The functions that count let requests at once pass no bound together: each waits until the others are stored.
  add: {
    name: "resource-entry-add",
    text: `WITH entry AS (
        INSERT INTO resource.leaderboard_entries (leaderboard_id, user_id, score)
        SELECT $1::int, $2::int, $3::float8 WHERE $5::int > resource.unverified_entries($2, $1) RETURNING id
      ), commented AS (
        INSERT INTO resource.entry_comments (entry_id, user_id, content)
        SELECT id, $2, $4::text FROM entry WHERE $4 <> ''
      )
      SELECT id FROM entry`,
  },
  setVerified: {
    name: "resource-entry-verify",
    text: `UPDATE resource.leaderboard_entries SET verified = $2::boolean,
        verified_at = CASE WHEN $2 THEN now() END, verifier_id = CASE WHEN $2 THEN $3::int END
      WHERE id = $1 AND verified <> $2 RETURNING id`,
  },
  comment: {
    name: "resource-comment-add",
    text: `INSERT INTO resource.entry_comments (entry_id, user_id, content)
      SELECT $1::int, $2::int, $3::text
      WHERE $4::int > resource.kept_comments($1) RETURNING id`,
  },
  remove: {
    name: "resource-entry-remove",
    text: "DELETE FROM resource.leaderboard_entries WHERE id = $1 RETURNING id",
  },
} satisfies Record<string, Statement>;

interface WaitingRow {
  readonly id: number;
  readonly user_id: number;
  readonly identity: string;
  readonly score: number;
  readonly submitted: number;
}

const waitingOf = ({ id, user_id, identity, score, submitted }: WaitingRow): WaitingEntry => [
  id,
  user_id,
  identity,
  score,
  submitted,
];

const listValues = (asker: Asker, board: BoardFacts, { limit, offset }: Page): readonly number[] => [
  board.leaderboardId,
  levelOn(asker, board),
  asker.userId,
  limit,
  offset,
];

export function createEntryStore(database: Database, unverifiedMax: number): EntryStore {
  return {
    async ranked(asker, board, page) {
      const rows = await database.query<WaitingRow & { verified: boolean }>(
        board.isAscending ? statements.upwards : statements.downwards,
        listValues(asker, board, page),
      );
      return rows.map((row) => [...waitingOf(row), row.verified]);
    },
    async unverified(asker, board, page) {
      const values = listValues(asker, board, page);
      return (await database.query<WaitingRow>(statements.unverified, values)).map(waitingOf);
    },
    async show(entryId) {
      const [row] = await database.query<{ entry: WholeEntry; comments: Comment[]; files: ListedFile[] }>(
        statements.show,
        [entryId],
      );
      return row ?? null;
    },
    async add({ userId }, { leaderboardId }, { score, comment }) {
      const values = [leaderboardId, userId, score, comment, unverifiedMax];
      const rows = await rowsUnlessGone(database.query<{ id: number }>(statements.add, values));
      if (rows === null) return noSuch("leaderboard_id", "leaderboard");
      const [row] = rows;
      return row === undefined
        ? refusedWith("conflict", `leaderboard_id: ${unverifiedMax} of your entries wait to be verified`)
        : accepted(row.id);
    },
    async setVerified({ userId }, { entryId }, isVerified) {
      const values = [entryId, isVerified, userId];
      if (isAny(await rowsUnlessGone(database.query(statements.setVerified, values)))) return accepted(null);
      return refusedWith("conflict", `verified: it is ${isVerified} already, or the entry was removed`);
    },
    async comment({ userId }, { entryId }, content) {
      const values = [entryId, userId, content, commentsMax];
      if (isAny(await rowsUnlessGone(database.query(statements.comment, values)))) return accepted(null);
      return refusedWith("conflict", `entry_id: the entry has ${commentsMax} comments, or was removed`);
    },
    async remove(entryId) {
      return isAny(await database.query(statements.remove, [entryId]));
    },
  };
}
