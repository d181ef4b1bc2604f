import { isChat } from "./chat-text.ts";

/** The maximum length of the name of a board, in UTF-16 units. */
export const boardNameUnitsMax = 64;
/** The maximum length of the comment of a score, in UTF-16 units. */
export const scoreCommentUnitsMax = 255;

/** What a character achieved, for a board of a resource-server. */
export interface Score {
  /** The name of the board: `isBoardName`. */
  readonly board: string;
  /** Finite. The board decides whether more or less is better. */
  readonly score: number;
  /** One line, or empty. */
  readonly comment: string;
}

/** True for 1 to 64 UTF-16 units of visible text on one line, without spaces at its ends. */
export const isBoardName = (name: unknown): name is string =>
  typeof name === "string" && name.length <= boardNameUnitsMax && name.trim() === name && isChat(name);

/** Says what is wrong with a score. Null: nothing. */
export function problemOfScore({
  board,
  score,
  comment,
}: { readonly [K in keyof Score]: unknown }): string | null {
  if (!isBoardName(board))
    return `the name of a board is 1 to ${boardNameUnitsMax} visible characters on one line`;
  if (typeof score !== "number" || !Number.isFinite(score)) return "a score is a finite number";
  const isComment =
    typeof comment === "string" &&
    comment.length <= scoreCommentUnitsMax &&
    (comment === "" || isChat(comment));
  return isComment ? null : `a comment is at most ${scoreCommentUnitsMax} visible characters on one line`;
}
