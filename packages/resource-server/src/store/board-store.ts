import type { Database, Statement } from "@sallyport/database";
import { accepted, type Outcome, refusedWith } from "@sallyport/domain";
import { type Asker, classOf, type Level, levels } from "../permissions.ts";
import { isAny, type Page, rowsUnlessGone } from "./columns.ts";

type ListedBoard = [id: number, name: string, level: Level];
type ListedGrant = [userId: number, identity: string, level: Level];

export interface NewBoard {
  readonly name: string;
  readonly defaultLevel: Level;
  readonly isAscending: boolean;
}

/** Leaderboards, and what they grant to users. */
export interface BoardStore {
  /** Those that the asker may read, by id. */
  list(asker: Asker, page: Page): Promise<ListedBoard[]>;
  create(board: NewBoard): Promise<Outcome<number, "conflict">>;
  /** Removes entries, comments, proofs and grants too. False: there was none. */
  remove(leaderboardId: number): Promise<boolean>;
  setOrder(leaderboardId: number, isAscending: boolean): Promise<boolean>;
  grants(leaderboardId: number, page: Page): Promise<ListedGrant[]>;
  /**
   * False: the leaderboard or the user was removed meanwhile, or the user was made a moderator meanwhile, whom
   * only an administrator unmakes.
   */
  grant(asker: Asker, leaderboardId: number, userId: number, level: Level): Promise<boolean>;
}

const statements = {
  list: {
    name: "resource-boards",
    text: `SELECT id, name, level FROM (
        SELECT b.id, b.name, greatest(b.default_permission, p.permission, $2::int) AS level
        FROM resource.leaderboards b
        LEFT JOIN resource.permissions p ON p.leaderboard_id = b.id AND p.user_id = $1
      ) AS boards WHERE level >= ${levels.read} ORDER BY id LIMIT $3 OFFSET $4`,
  },
  create: {
    name: "resource-board-create",
    text: `INSERT INTO resource.leaderboards (name, default_permission, ascending) VALUES ($1, $2, $3)
      ON CONFLICT (name) DO NOTHING RETURNING id`,
  },
  remove: {
    name: "resource-board-remove",
    text: "DELETE FROM resource.leaderboards WHERE id = $1 RETURNING id",
  },
  setOrder: {
    name: "resource-board-order",
    text: "UPDATE resource.leaderboards SET ascending = $2 WHERE id = $1 RETURNING id",
  },
  grants: {
    name: "resource-grants",
    text: `SELECT u.id, u.identity, p.permission FROM resource.permissions p
      JOIN resource.users u ON u.id = p.user_id
      WHERE p.leaderboard_id = $1 ORDER BY p.permission, u.id LIMIT $2 OFFSET $3`,
  },
  grant: {
    name: "resource-grant",
    // Two grants may come at once. The later one finds what the earlier one granted, and not what there was before.
    text: `INSERT INTO resource.permissions (leaderboard_id, user_id, permission) VALUES ($1, $2, $3)
      ON CONFLICT (leaderboard_id, user_id)
      DO UPDATE SET permission = excluded.permission, changed_at = now()
      WHERE $4 OR permissions.permission < ${levels.moderate} RETURNING user_id`,
  },
} satisfies Record<string, Statement>;

export function createBoardStore(database: Database): BoardStore {
  return {
    async list(asker, { limit, offset }) {
      const rows = await database.query<{ id: number; name: string; level: Level }>(statements.list, [
        ...[asker.userId, classOf(asker)],
        ...[limit, offset],
      ]);
      return rows.map(({ id, name, level }) => [id, name, level]);
    },
    async create({ name, defaultLevel, isAscending }) {
      const values = [name, defaultLevel, isAscending];
      const [row] = await database.query<{ id: number }>(statements.create, values);
      return row === undefined
        ? refusedWith("conflict", "leaderboard_name: another leaderboard has this name")
        : accepted(row.id);
    },
    async remove(leaderboardId) {
      return isAny(await database.query(statements.remove, [leaderboardId]));
    },
    async setOrder(leaderboardId, isAscending) {
      return isAny(await database.query(statements.setOrder, [leaderboardId, isAscending]));
    },
    async grants(leaderboardId, { limit, offset }) {
      const rows = await database.query<{ id: number; identity: string; permission: Level }>(
        statements.grants,
        [leaderboardId, limit, offset],
      );
      return rows.map(({ id, identity, permission }) => [id, identity, permission]);
    },
    async grant({ isAdministrator }, ...granted) {
      return isAny(await rowsUnlessGone(database.query(statements.grant, [...granted, isAdministrator])));
    },
  };
}
