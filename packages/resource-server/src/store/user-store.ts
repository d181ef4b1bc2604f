import type { Database, Statement } from "@sallyport/database";
import { type Asker, classOf, type Level, levels } from "../permissions.ts";
import { isAny, type Page, seconds, seen } from "./columns.ts";

type ListedUser = [id: number, identity: string];
type EntryOfUser = [id: number, leaderboardId: number, score: number, isVerified: boolean, submitted: number];
type Permission = [leaderboardId: number, level: Level];

/** What a valid token says of its account. */
export interface Named {
  readonly accountId: number;
  readonly identity: string;
  readonly isAdministrator: boolean;
  /** When the token was issued, in seconds since 1970. */
  readonly issued: number;
}

/** Accounts that have shown a token. Times are seconds since 1970. */
export interface UserStore {
  /** Null: the account has shown no token before, or another name or class in the last one. */
  known(named: Named): Promise<number | null>;
  /** Makes the user, or takes its new name and class. Returns its id. */
  register(named: Named): Promise<number>;
  list(page: Page): Promise<ListedUser[]>;
  /** The entries of a user that the asker may see, by id. */
  entriesOf(userId: number, asker: Asker, page: Page): Promise<EntryOfUser[]>;
  /** What leaderboards that the asker moderates grant a user, by leaderboard. */
  permissionsOf(userId: number, asker: Asker, page: Page): Promise<Permission[]>;
  /** Removes its entries, comments, proofs and grants too. False: there was none. */
  remove(userId: number): Promise<boolean>;
}

/** Joins leaderboard `b` with the level of the asker, who is the second parameter and of the class `$3`. */
const ofAsker = `LEFT JOIN resource.permissions own ON own.leaderboard_id = b.id AND own.user_id = $2
  CROSS JOIN LATERAL (SELECT greatest(b.default_permission, own.permission, $3::int) AS level) AS asker`;

const statements = {
  // An older token changes nothing, so it need not be told apart from the newest one.
  known: {
    name: "resource-user-known",
    text: `SELECT id FROM resource.users
      WHERE account_id = $1 AND (named_by > $4 OR (identity = $2 AND class = $3))`,
  },
  // Names of accounts are unique, whatever their case. A user who still has the name has lost it since.
  register: {
    name: "resource-user-register",
    text: `WITH renamed AS (
        UPDATE resource.users SET identity = '#' || account_id, named_by = $4
        WHERE lower(identity COLLATE "C") = lower($2::text COLLATE "C") AND account_id <> $1 AND named_by <= $4
      )
      INSERT INTO resource.users AS known (account_id, identity, class, named_by)
      VALUES ($1::bigint, $2::text, $3::smallint, $4::bigint)
      ON CONFLICT (account_id) DO UPDATE SET
        identity = CASE WHEN known.named_by > excluded.named_by THEN known.identity ELSE excluded.identity END,
        class = CASE WHEN known.named_by > excluded.named_by THEN known.class ELSE excluded.class END,
        named_by = greatest(known.named_by, excluded.named_by)
      RETURNING id`,
  },
  list: {
    name: "resource-users",
    text: "SELECT id, identity FROM resource.users ORDER BY id LIMIT $1 OFFSET $2",
  },
  entries: {
    name: "resource-entries-of-user",
    text: `SELECT e.id, e.leaderboard_id, e.score, e.verified, ${seconds("e.submitted_at")} AS submitted
      FROM resource.leaderboard_entries e JOIN resource.leaderboards b ON b.id = e.leaderboard_id ${ofAsker}
      WHERE e.user_id = $1 AND ${seen("asker.level", "$2")} ORDER BY e.id LIMIT $4 OFFSET $5`,
  },
  permissions: {
    name: "resource-permissions-of-user",
    text: `SELECT b.id, p.permission FROM resource.permissions p
      JOIN resource.leaderboards b ON b.id = p.leaderboard_id ${ofAsker}
      WHERE p.user_id = $1 AND asker.level >= ${levels.moderate} ORDER BY b.id LIMIT $4 OFFSET $5`,
  },
  remove: {
    name: "resource-user-remove",
    text: "DELETE FROM resource.users WHERE id = $1 RETURNING id",
  },
} satisfies Record<string, Statement>;

const valuesOf = (named: Named) => [named.accountId, named.identity, classOf(named), named.issued];

export function createUserStore(database: Database): UserStore {
  const ofUser = (userId: number, asker: Asker, { limit, offset }: Page): readonly number[] => [
    ...[userId, asker.userId, classOf(asker)],
    ...[limit, offset],
  ];
  return {
    async known(named) {
      const [row] = await database.query<{ id: number }>(statements.known, valuesOf(named));
      return row?.id ?? null;
    },
    async register(named) {
      const [row] = await database.query<{ id: number }>(statements.register, valuesOf(named));
      if (row === undefined) throw new Error("Postgres returns no row for a user that it has stored");
      return row.id;
    },
    async list({ limit, offset }) {
      const rows = await database.query<{ id: number; identity: string }>(statements.list, [limit, offset]);
      return rows.map(({ id, identity }) => [id, identity]);
    },
    async entriesOf(userId, asker, page) {
      const rows = await database.query<{
        id: number;
        leaderboard_id: number;
        score: number;
        verified: boolean;
        submitted: number;
      }>(statements.entries, ofUser(userId, asker, page));
      return rows.map((row) => [row.id, row.leaderboard_id, row.score, row.verified, row.submitted]);
    },
    async permissionsOf(userId, asker, page) {
      const rows = await database.query<{ id: number; permission: Level }>(
        statements.permissions,
        ofUser(userId, asker, page),
      );
      return rows.map(({ id, permission }) => [id, permission]);
    },
    async remove(userId) {
      return isAny(await database.query(statements.remove, [userId]));
    },
  };
}
