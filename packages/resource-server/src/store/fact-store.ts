import type { Database, Statement } from "@sallyport/database";
import type { EntryFacts, FactStore } from "../facts.ts";
import { classOf, type Level, levels } from "../permissions.ts";
import { seconds } from "./columns.ts";

/** Joins what leaderboard `b` grants the asker, who is the second parameter. */
const grants = "LEFT JOIN resource.permissions p ON p.leaderboard_id = b.id AND p.user_id = $2";
const boardColumns = "b.default_permission, coalesce(p.permission, 0) AS granted";
const entryColumns = `e.id AS entry_id, e.user_id, e.verified, ${boardColumns}`;
const ofEntry = `JOIN resource.leaderboards b ON b.id = e.leaderboard_id ${grants}`;

const statements = {
  board: {
    name: "resource-board",
    text: `SELECT b.id, b.name, b.ascending, ${boardColumns} FROM resource.leaderboards b ${grants}
      WHERE b.id = $1`,
  },
  entry: {
    name: "resource-entry",
    text: `SELECT ${entryColumns} FROM resource.leaderboard_entries e ${ofEntry} WHERE e.id = $1`,
  },
  proof: {
    name: "resource-proof",
    text: `SELECT f.id, ${entryColumns} FROM resource.files f
      JOIN resource.leaderboard_entries e ON e.id = f.entry_id ${ofEntry} WHERE f.id = $1`,
  },
  user: {
    name: "resource-user",
    text: `SELECT u.id, u.identity, ${seconds("u.registered_at")} AS registered,
        EXISTS (SELECT FROM resource.leaderboards b ${grants}
          WHERE greatest(b.default_permission, p.permission) >= ${levels.moderate}) AS moderates
      FROM resource.users u WHERE u.id = $1`,
  },
  target: {
    name: "resource-target",
    text: `SELECT u.class, coalesce(p.permission, 0) AS granted FROM resource.users u
      LEFT JOIN resource.permissions p ON p.user_id = u.id AND p.leaderboard_id = $1 WHERE u.id = $2`,
  },
} satisfies Record<string, Statement>;

interface StandingRow {
  readonly default_permission: Level;
  readonly granted: Level;
}
interface BoardRow extends StandingRow {
  readonly id: number;
  readonly name: string;
  readonly ascending: boolean;
}
interface EntryRow extends StandingRow {
  readonly entry_id: number;
  readonly user_id: number;
  readonly verified: boolean;
}

const standingOf = ({ default_permission: defaultLevel, granted: grantedLevel }: StandingRow) => ({
  defaultLevel,
  grantedLevel,
});
const entryOf = (row: EntryRow): EntryFacts => ({
  entryId: row.entry_id,
  authorId: row.user_id,
  isVerified: row.verified,
  board: standingOf(row),
});

export function createFactStore(database: Database): FactStore {
  return {
    async board(leaderboardId, askerId) {
      const [row] = await database.query<BoardRow>(statements.board, [leaderboardId, askerId]);
      if (row === undefined) return null;
      return { leaderboardId: row.id, name: row.name, isAscending: row.ascending, ...standingOf(row) };
    },
    async entry(entryId, askerId) {
      const [row] = await database.query<EntryRow>(statements.entry, [entryId, askerId]);
      return row === undefined ? null : entryOf(row);
    },
    async proof(fileId, askerId) {
      const [row] = await database.query<EntryRow & { id: number }>(statements.proof, [fileId, askerId]);
      return row === undefined ? null : { fileId: row.id, ...entryOf(row) };
    },
    async user(userId, askerId) {
      const [row] = await database.query<{
        id: number;
        identity: string;
        registered: number;
        moderates: boolean;
      }>(statements.user, [userId, askerId]);
      if (row === undefined) return null;
      const { id, identity, registered, moderates: isAskerModerator } = row;
      return { userId: id, identity, registered, isAskerModerator };
    },
    async target(leaderboardId, userId) {
      const [row] = await database.query<{ class: number; granted: Level }>(statements.target, [
        leaderboardId,
        userId,
      ]);
      const isTargetAdministrator = row !== undefined && row.class === classOf({ isAdministrator: true });
      return { present: row?.granted ?? levels.none, isTargetAdministrator };
    },
  };
}
