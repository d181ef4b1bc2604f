import { boardNameUnitsMax, problemOfScore, type Score, scoreCommentUnitsMax } from "@sallyport/domain";
import { text, WireError } from "@sallyport/wire";
import { charFence, charId } from "./fields.ts";
import { parseJsonText } from "./json-text.ts";

/** The length of the key of a score: 16 random bytes in hexadecimal. */
const scoreKeyChars = 32;

/** The messages about scores that a game submits. They stand in the tables of `messages.ts`. */
export const scoreMessages = {
  mapToChar: {
    "score.submit": {
      id: 0x002f,
      doc: "Stores a score of the character for the resource-servers, if the character still has this fence. After an unknown outcome the map-server repeats the same message, and the score counts once.",
      fields: {
        charId,
        charFence,
        key: text(scoreKeyChars, "of this score; drawn by the map-server"),
        board: text(boardNameUnitsMax, "name of the board"),
        score: text(32, "a finite number, as JSON"),
        comment: text(scoreCommentUnitsMax, "one line, or empty"),
      },
      reply: {},
      refusals: ["lock-lost", "unavailable"],
    },
  },
} as const;

interface ScoreFields {
  readonly board: string;
  readonly score: string;
  readonly comment: string;
}

export const packScore = ({ board, score, comment }: Score): ScoreFields => ({
  board,
  score: JSON.stringify(score),
  comment,
});

/** Parses the fields of a score. Throws a `WireError` that shows nothing of them. */
export function parseScore({ board, score: text, comment }: ScoreFields): Score {
  const score = { board, score: parseJsonText("score", text), comment };
  const problem = problemOfScore(score);
  if (problem !== null) throw new WireError("score", problem);
  return score as Score;
}
