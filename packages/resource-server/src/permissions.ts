/*
 * Who may do what, as pure functions over values. Each leaderboard has a level for everybody, and may grant a
 * user more. Each level includes the ones before it.
 *
 *     0 none      only what is public: the list of users
 *     1 read      verified entries, with their comments and proofs
 *     2 write     submits entries; sees, comments and withdraws its own ones
 *     3 moderate  all entries; verifies, comments and removes them, and grants levels below its own
 *
 * An administrator may do everything. That is the role in the token, and not a level of a leaderboard.
 */

export const levels = { none: 0, read: 1, write: 2, moderate: 3 } as const;
export type Level = (typeof levels)[keyof typeof levels];

/** The user who sends a request. */
export interface Asker {
  readonly userId: number;
  /** The name of the account. Without one, `#` and the account id. */
  readonly identity: string;
  readonly isAdministrator: boolean;
}

/** A leaderboard, as far as permissions depend on it. */
export interface BoardStanding {
  readonly defaultLevel: Level;
  /** The level that the leaderboard grants the asker. 0: it grants none. */
  readonly grantedLevel: Level;
}

export interface EntryStanding {
  readonly authorId: number;
  readonly isVerified: boolean;
  readonly board: BoardStanding;
}

/** The class of a user: what it may do on every leaderboard, whatever that grants. */
export const classOf = ({ isAdministrator }: Pick<Asker, "isAdministrator">): Level =>
  isAdministrator ? levels.moderate : levels.none;

export function levelOn(asker: Asker, { defaultLevel, grantedLevel }: BoardStanding): Level {
  return Math.max(defaultLevel, grantedLevel, classOf(asker)) as Level;
}

export const has = (least: Level, asker: Asker, board: BoardStanding): boolean =>
  levelOn(asker, board) >= least;

const isOwn = (asker: Asker, entry: EntryStanding): boolean =>
  entry.authorId === asker.userId && has(levels.write, asker, entry.board);

/** The statements that list entries have the same rule: see `seen`. */
export const maySee = (asker: Asker, entry: EntryStanding): boolean =>
  has(levels.moderate, asker, entry.board) ||
  isOwn(asker, entry) ||
  (entry.isVerified && has(levels.read, asker, entry.board));

/** Comments on an entry, and removal of it or of its proofs. */
export const mayChange = (asker: Asker, entry: EntryStanding): boolean =>
  has(levels.moderate, asker, entry.board) || isOwn(asker, entry);

/** Only the author proves an entry, whatever others may do. */
export const mayProve = (asker: Asker, entry: EntryStanding): boolean => isOwn(asker, entry);

export interface GrantStanding {
  readonly board: BoardStanding;
  /** What the leaderboard grants that user now. */
  readonly present: Level;
  readonly isTargetAdministrator: boolean;
}

/**
 * A moderator grants less than its own level, and only to users who have less than it. So moderators neither
 * make nor unmake each other.
 */
export const mayGrant = (asker: Asker, level: Level, of: GrantStanding): boolean =>
  asker.isAdministrator ||
  (has(levels.moderate, asker, of.board) &&
    level < levels.moderate &&
    of.present < levels.moderate &&
    !of.isTargetAdministrator);
