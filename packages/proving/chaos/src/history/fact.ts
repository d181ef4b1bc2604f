/*
 * Events that were reported by the proxies on the links, the logs of servers, the clients, and the program
 * that causes the faults. Times are milliseconds since 1970. Times of logs and of Postgres come from the
 * system clock. All other times come from the monotonic clock of this process.
 */

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
}

/** The place where a client left its character, or the place that character select showed later. */
export interface Stood {
  readonly type: "stood";
  readonly atMs: number;
  readonly account: string;
  readonly when: "left" | "listed" | "unknown";
  readonly place: string;
}

export type Fact = SaveAsked | SaveAnswered | Entered | Reclaimed | LogLine | FaultChange | Call | Stood;

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

export const nowMs = (): number => performance.timeOrigin + performance.now();
