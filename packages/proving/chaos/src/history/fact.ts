/*
 * Events that were reported by the proxies on the links, the logs of servers, the clients, and the program
 * that causes the faults. Times are milliseconds since 1970. Times of logs and of Postgres come from the
 * system clock. All other times come from the monotonic clock of this process.
 */

import type { Part } from "../cluster/part.ts";

export type SaveKind = "save" | "leave" | "hop";

export interface State {
  readonly steps: number;
  readonly map: string;
  readonly x: number;
  readonly y: number;
}

export interface SaveAsked {
  readonly type: "save-asked";
  readonly atMs: number;
  readonly mapServer: string;
  readonly kind: SaveKind;
  /** Identifies the request until its answer comes. */
  readonly id: string;
  readonly charId: number;
  readonly fence: number;
  /** Each owner counts its own saves from 1. */
  readonly saveNumber: number;
  readonly state: State;
}

export interface SaveAnswered {
  readonly type: "save-answered";
  readonly atMs: number;
  readonly id: string;
  /** Null if the char-server says that the save is stored. */
  readonly refusal: string | null;
  readonly asked: SaveAsked;
}

/** A map-server asks the char-server to store a score of a character. It may ask again under the same key. */
export interface ScoreAsked {
  readonly type: "score-asked";
  readonly atMs: number;
  readonly mapServer: string;
  /** Of the score, drawn by the map-server. */
  readonly key: string;
  readonly charId: number;
  readonly fence: number;
  /** A number as JSON. */
  readonly score: string;
}

export interface ScoreAnswered {
  readonly type: "score-answered";
  readonly atMs: number;
  /** Null if the char-server says that the score is stored. */
  readonly refusal: string | null;
  readonly asked: ScoreAsked;
}

/** The char-server told a map-server that it may let this character play. */
export interface Entered {
  readonly type: "entered";
  readonly atMs: number;
  readonly mapServer: string;
  readonly charId: number;
  readonly fence: number;
}

export interface Reclaimed {
  readonly type: "reclaimed";
  readonly atMs: number;
  readonly mapServer: string;
  readonly characters: number;
  readonly lost: number;
}

export interface LogLine {
  readonly type: "log";
  readonly atMs: number;
  readonly server: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface FaultChange {
  readonly type: "fault";
  readonly atMs: number;
  readonly of: Part;
  /** The fault in words, for people. */
  readonly what: string;
  readonly change: "begins" | "ends";
}

export interface Call {
  readonly type: "call";
  /** The answer came at this time. */
  readonly atMs: number;
  readonly askedMs: number;
  readonly account: string;
  /** The name of the server at which the player logged in, and the protocol of its client. */
  readonly way: string;
  readonly protocol: string;
  readonly charId: number | null;
  readonly call: string;
  /** `ok`, or the refusal. */
  readonly answer: string;
  readonly detail: string;
  /** The call stands for so many requests, one after the other. */
  readonly parts: number;
  /** The password that the client showed. Absent: it showed none. */
  readonly password?: string;
}

/** The place where a client left its character, or the place that character select showed later. */
export interface Stood {
  readonly type: "stood";
  readonly atMs: number;
  readonly account: string;
  readonly when: "left" | "listed" | "unknown";
  readonly place: string;
}

/** Somebody orders something about an account. */
export interface Order {
  readonly type: "order";
  readonly atMs: number;
  /** Of the order, from its first attempt to its end. */
  readonly id: string;
  readonly account: string;
  readonly what: "ban" | "unban" | "kick" | "rename" | "end-logins";
  /**
   * `asked`: from now on it may be carried out. `done`: it was carried out whole. `refused`: nothing was.
   * `unknown`: it may still be carried out.
   */
  readonly change: "asked" | "done" | "refused" | "unknown";
  /** The new name, if a character is renamed. */
  readonly detail: string;
}

/** An account gets a new password, from a client or from the operator. Each is asked for at most once. */
export interface PasswordChange {
  readonly type: "password";
  readonly atMs: number;
  readonly account: string;
  readonly by: "client" | "operator";
  readonly password: string;
  /** Without `stored` or `refused`, nobody knows. */
  readonly change: "asked" | "stored" | "refused";
}

/** A server disconnected a client from the world, and told it why. */
export interface PutOut {
  readonly type: "put-out";
  readonly atMs: number;
  readonly account: string;
  readonly reason: string;
}

/** Character select showed this name of the character. */
export interface Named {
  readonly type: "named";
  readonly atMs: number;
  /** The list was asked for at this time. */
  readonly askedMs: number;
  readonly account: string;
  readonly name: string;
}

/** An author got an identity token. */
export interface BoardToken {
  readonly type: "board-token";
  readonly atMs: number;
  readonly askedMs: number;
  readonly account: string;
  /** No two tokens have the same number. */
  readonly token: number;
}

/** An author asked the resource-server to write something, and this came of it. */
export interface BoardWrite {
  readonly type: "board-write";
  readonly atMs: number;
  readonly askedMs: number;
  readonly account: string;
  readonly way: string;
  /** The rows that there are if it was carried out: see `readBoard`. No other write has them. */
  readonly rows: readonly string[];
  /** Null: no login-server has signed it. */
  readonly token: number | null;
  /** `ok`, or the refusal. */
  readonly answer: string;
}

export type Fact =
  | SaveAsked
  | SaveAnswered
  | ScoreAsked
  | ScoreAnswered
  | Entered
  | Reclaimed
  | LogLine
  | FaultChange
  | Call
  | Stood
  | Order
  | PasswordChange
  | PutOut
  | Named
  | BoardToken
  | BoardWrite;

/** One change of a character in Postgres. `seq` follows the order of the changes of one character. */
export interface AuditRow {
  readonly seq: number;
  readonly atMs: number;
  readonly charId: number;
  readonly fenceBefore: number;
  readonly fence: number;
  readonly saveNumberBefore: number;
  readonly saveNumber: number;
  readonly before: State;
  readonly state: State;
}

/** A score as Postgres stored it: under this fence of the character, which this map-server had. */
export interface StoredScore {
  readonly key: string;
  readonly charId: number;
  readonly fence: number;
  readonly mapServer: string;
}

/** An entry of the board. Null: it was not made of a score. */
export interface Entry {
  readonly key: string | null;
  readonly score: number;
}

/** After these answers nobody knows whether the request was carried out. */
export const inDoubt: ReadonlySet<string> = new Set(["unavailable", "disconnected", "unanswered"]);

export const nowMs = (): number => performance.timeOrigin + performance.now();
