import {
  boardsText,
  boardText,
  commentsText,
  entryText,
  groupsText,
  newIdText,
  ownId,
  permissionsText,
  unverifiedText,
  usersText,
  userText,
} from "./answer-text.ts";
import { type Argument, count, decimal, id, level, order, words } from "./arguments.ts";

/*
 * The requests to a resource-server that need no file. Each is a command, and the menus use the same rows.
 */

type Arguments = { readonly [field: string]: Argument<unknown> };
type Values = { readonly [name: string]: unknown };

export interface BoardRequest {
  /** The number of the request, as the seed has it. */
  readonly type: number;
  readonly command: string;
  readonly doc: string;
  /** By the names of the fields, in the order in which a person gives them. */
  readonly args: Arguments;
  /** Arguments that may be left out. */
  readonly options?: Arguments;
  /** It has at most 1,000 rows. As a command it takes `paging`. */
  readonly isList?: true;
  /** Commands and menus ask this question first, because what the request removes cannot be brought back. */
  readonly confirm?: string;
  /** Fields for which nobody is asked. */
  readonly always?: Values;
  readonly text: (data: unknown) => string;
}

const row = <const R extends BoardRequest>(of: R): R => of;
const done = (text: string) => (): string => text;

/** The numbers that commands and menus ask for. */
export const numbers = {
  board: id("board", "number of the board"),
  entry: id("entry", "number of the entry"),
  user: id("user", "number of the user"),
  proof: id("proof", "number of the proof"),
} as const;
const { board, entry, user, proof } = numbers;
const best = order("order", "which score is the best, the lowest or the highest");

export const boardRequests = {
  list: row({ type: 1, command: "list", doc: "list the boards", args: {}, isList: true, text: boardsText }),
  show: row({
    type: 2,
    command: "show",
    doc: "show the entries of a board",
    args: { leaderboard_id: board },
    isList: true,
    text: boardText,
  }),
  create: row({
    ...{ type: 3, command: "create", doc: "create a board" },
    args: {
      leaderboard_name: words("name", "name of the board"),
      leaderboard_permission: level("level", "what everybody may do"),
      leaderboard_ascending: best,
    },
    text: newIdText("Created: board"),
  }),
  submit: row({
    ...{ type: 4, command: "submit", doc: "submit a score" },
    args: { leaderboard_id: board, score: decimal("score", "the score") },
    options: { comment: words("comment", "a comment on the entry") },
    always: { comment: "" },
    text: newIdText("Submitted: entry"),
  }),
  users: row({ type: 5, command: "users", doc: "list the users", args: {}, isList: true, text: usersText }),
  unverified: row({
    ...{ type: 6, command: "unverified", doc: "list the entries of a board that are not verified" },
    args: { leaderboard_id: board },
    isList: true,
    text: unverifiedText,
  }),
  groups: row({
    ...{ type: 7, command: "groups", doc: "list who may do what on a board" },
    args: { leaderboard_id: board },
    isList: true,
    text: groupsText,
  }),
  entry: row({
    ...{ type: 8, command: "entry", doc: "show an entry with its comments and proofs" },
    args: { entry_id: entry },
    text: entryText,
  }),
  user: row({
    type: 9,
    command: "user",
    doc: "show a user and its entries",
    args: { user_id: user },
    isList: true,
    text: userText,
  }),
  permissions: row({
    ...{ type: 10, command: "permissions", doc: "list what a user may do on which board" },
    args: { user_id: user },
    isList: true,
    text: permissionsText,
  }),
  verify: row({
    ...{ type: 11, command: "verify", doc: "verify an entry" },
    args: { entry_id: entry },
    always: { verified: true },
    text: done("Verified."),
  }),
  unverify: row({
    ...{ type: 11, command: "unverify", doc: "take the verification of an entry back" },
    args: { entry_id: entry },
    always: { verified: false },
    text: done("Not verified any more."),
  }),
  removeBoard: row({
    ...{ type: 12, command: "remove-board", doc: "remove a board with all its entries" },
    args: { leaderboard_id: board },
    confirm: "Remove this board with all its entries?",
    text: done("Removed."),
  }),
  comment: row({
    ...{ type: 13, command: "comment", doc: "comment on an entry" },
    args: { entry_id: entry, content: words("comment", "the comment") },
    text: done("Written."),
  }),
  removeEntry: row({
    ...{ type: 14, command: "remove-entry", doc: "remove an entry" },
    args: { entry_id: entry },
    confirm: "Remove this entry with its comments and proofs?",
    text: done("Removed."),
  }),
  permit: row({
    ...{ type: 15, command: "permit", doc: "set what a user may do on a board" },
    args: { user_id: user, leaderboard_id: board, permission: level("level", "what it may do") },
    text: done("Set."),
  }),
  removeUser: row({
    ...{ type: 16, command: "remove-user", doc: "remove a user with its entries" },
    args: { user_id: user },
    confirm: "Remove this user with its entries?",
    text: done("Removed."),
  }),
  order: row({
    ...{ type: 17, command: "order", doc: "set which score of a board is the best" },
    args: { leaderboard_id: board, ascending: best },
    text: done("Set."),
  }),
  removeProof: row({
    ...{ type: 20, command: "remove-proof", doc: "remove a proof" },
    args: { file_id: proof },
    confirm: "Remove this proof?",
    text: done("Removed."),
  }),
  me: row({
    ...{ type: 21, command: "me", doc: "show your number as a user" },
    args: {},
    text: (data) => `You are user ${ownId(data)}.`,
  }),
} as const;

/** A list goes on with these. The bounds are those of the server. */
export const paging = {
  limit: count("limit", "how many rows, at most 1000", 1, 1_000),
  offset: count("offset", "how many rows to leave out before the first", 0, 1_000_000),
} as const;

/** The comments of an entry alone, as the menu shows them. */
export const commentsOfEntry: BoardRequest = { ...boardRequests.entry, text: commentsText };

/** Requests of proofs: see `proofs.ts`. */
export const proofTypes = { add: 18, download: 19 } as const;
