import { table } from "@sallyport/command-line";
import { z } from "zod";
import { levelNames } from "./arguments.ts";
import { unreachable } from "./failure.ts";

/*
 * The answers of resource-servers, as text for people. Each is checked first: a server may be of another kind.
 * Rows of a later version may have more columns.
 */

const id = z.number();
const seconds = z.number();
const row = <const T extends readonly [z.ZodType, ...z.ZodType[]]>(columns: T) =>
  z.tuple(columns).rest(z.unknown());

const boards = z.array(row([id, z.string(), z.number()]));
const board = z.object({
  id,
  name: z.string(),
  entries: z.array(row([id, id, z.string(), z.number(), seconds, z.boolean()])),
});
const users = z.array(row([id, z.string()]));
const unverified = z.array(row([id, id, z.string(), z.number(), seconds]));
const groups = z.array(row([id, z.string(), z.number()]));
const entry = z.object({
  entry: row([
    ...([id, id, z.string(), z.number(), seconds, z.boolean()] as const),
    ...([id.nullable(), z.string().nullable(), seconds.nullable()] as const),
  ]),
  comments: z.array(row([z.string(), seconds, z.string()])),
  files: z.array(row([id, z.string(), seconds])),
});
const user = z.object({
  user_data: row([z.string(), seconds]),
  entries: z.array(row([id, id, z.number(), z.boolean(), seconds])),
});
const permissions = z.array(row([id, z.number()]));

function read<T>(schema: z.ZodType<T>, data: unknown): T {
  const told = schema.safeParse(data);
  if (told.success) return told.data;
  throw unreachable("the server gave an answer that this client does not understand");
}

const moment = (atSeconds: number): string => {
  const at = new Date(atSeconds * 1_000);
  return Number.isNaN(at.getTime()) ? "-" : `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
};
const yesOrNo = (is: boolean): string => (is ? "yes" : "no");
const levelName = (level: number): string => levelNames[level] ?? String(level);

const listed = (head: readonly string[], rows: readonly (readonly string[])[], none: string): string =>
  rows.length === 0 ? none : table(head, rows);

export const boardsText = (data: unknown): string =>
  listed(
    ["BOARD", "NAME", "YOU MAY"],
    read(boards, data).map(([of, name, level]) => [String(of), name, levelName(level)]),
    "There are no boards that you may read.",
  );

export function boardText(data: unknown): string {
  const { id: of, name, entries } = read(board, data);
  const rows = entries.map(([entryId, , who, score, at, isVerified], index) => [
    ...[String(index + 1), String(entryId), who, String(score), moment(at), yesOrNo(isVerified)],
  ]);
  const head = ["RANK", "ENTRY", "USER", "SCORE", "SUBMITTED", "VERIFIED"];
  return `${table([`Board ${of}: ${name}`], [])}\n${listed(head, rows, "It has no entries.")}`;
}

export const usersText = (data: unknown): string =>
  listed(
    ["USER", "IDENTITY"],
    read(users, data).map(([of, name]) => [String(of), name]),
    "There are no users.",
  );

export const unverifiedText = (data: unknown): string =>
  listed(
    ["ENTRY", "USER", "SCORE", "SUBMITTED"],
    read(unverified, data).map(([of, , who, score, at]) => [String(of), who, String(score), moment(at)]),
    "No entry waits for verification.",
  );

export const groupsText = (data: unknown): string =>
  listed(
    ["USER", "IDENTITY", "MAY"],
    read(groups, data).map(([of, who, level]) => [String(of), who, levelName(level)]),
    "No user has more than everybody.",
  );

export function commentsText(data: unknown): string {
  const { comments } = read(entry, data);
  const rows = comments.map(([who, at, text]) => [who, moment(at), text.replaceAll(/\s+/g, " ")]);
  return listed(["USER", "WRITTEN", "COMMENT"], rows, "It has no comments.");
}

export function entryText(data: unknown): string {
  const { entry: of, files } = read(entry, data);
  const [entryId, , who, score, at, isVerified, , verifier, verifiedAt] = of;
  const facts = [
    ["Entry", String(entryId)],
    ["User", who],
    ["Score", String(score)],
    ["Submitted", moment(at)],
    ["Verified", isVerified ? `${moment(verifiedAt ?? 0)} by ${verifier ?? "the game"}` : "no"],
  ];
  const [first = [], ...others] = facts;
  const proofs = listed(
    ["PROOF", "FILE", "SUBMITTED"],
    files.map(([fileId, name, submitted]) => [String(fileId), name, moment(submitted)]),
    "It has no proofs.",
  );
  return [table(first, others), commentsText(data), proofs].join("\n\n");
}

export function userText(data: unknown): string {
  const { user_data: of, entries } = read(user, data);
  const [who, registered] = of;
  const rows = entries.map(([entryId, boardId, score, isVerified, at]) => [
    ...[String(entryId), String(boardId), String(score), yesOrNo(isVerified), moment(at)],
  ]);
  const head = ["ENTRY", "BOARD", "SCORE", "VERIFIED", "SUBMITTED"];
  const about = table(["User", who], [["Registered", moment(registered)]]);
  return `${about}\n\n${listed(head, rows, "There are no entries that you may see.")}`;
}

export const permissionsText = (data: unknown): string =>
  listed(
    ["BOARD", "MAY"],
    read(permissions, data).map(([of, level]) => [String(of), levelName(level)]),
    "The user has no permissions of its own.",
  );

export const newIdText =
  (what: string) =>
  (data: unknown): string =>
    `${what} ${read(id, data)}`;

export const ownId = (data: unknown): number => read(z.tuple([id]).rest(z.unknown()), data)[0];

export const proofBytes = (data: unknown): Buffer => Buffer.from(read(z.string(), data), "base64");
