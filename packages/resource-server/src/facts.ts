import type { BoardStanding, EntryStanding, GrantStanding } from "./permissions.ts";

/* What a request is about, as it is stored now: the facts on which the decision depends. */

export interface BoardFacts extends BoardStanding {
  readonly leaderboardId: number;
  readonly name: string;
  readonly isAscending: boolean;
}

export interface EntryFacts extends EntryStanding {
  readonly entryId: number;
}

export interface ProofFacts extends EntryFacts {
  readonly fileId: number;
}

export interface UserFacts {
  readonly userId: number;
  readonly identity: string;
  /** Seconds since 1970. */
  readonly registered: number;
  /** Whether the asker moderates any leaderboard. */
  readonly isAskerModerator: boolean;
}

export interface GrantFacts extends GrantStanding {
  readonly leaderboardId: number;
  readonly userId: number;
}

export interface Subjects {
  nothing: null;
  leaderboard: BoardFacts;
  entry: EntryFacts;
  proof: ProofFacts;
  user: UserFacts;
  grant: GrantFacts;
}

export type SubjectKind = keyof Subjects;

/** Reads what decisions depend on. All methods may throw `Unavailable`. Null: there is no row of this id. */
export interface FactStore {
  board(leaderboardId: number, askerId: number): Promise<BoardFacts | null>;
  entry(entryId: number, askerId: number): Promise<EntryFacts | null>;
  proof(fileId: number, askerId: number): Promise<ProofFacts | null>;
  user(userId: number, askerId: number): Promise<UserFacts | null>;
  target(leaderboardId: number, userId: number): Promise<Omit<GrantStanding, "board">>;
}
