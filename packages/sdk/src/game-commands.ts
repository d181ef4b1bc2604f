import { type Accepted, type MapDoor, type Refused, refused } from "@sallyport/domain";
import { packValue, WireError } from "@sallyport/wire";
import type { AnswerAt, RefusalFor } from "./refusals.ts";

type CommandRefusal = RefusalFor<MapDoor, "game.command">;

/** The answer to a command of the game. A refused command changed nothing. */
export type CommandAnswer =
  | Accepted<Record<never, never>>
  | Refused<Exclude<CommandRefusal, "invalid" | "refused">>
  /** The schema of the command refused the input. `problem` names the field. */
  | (Refused<"invalid"> & { readonly problem: string })
  /** `word` is what the game's handler has passed to `it.refuse`. */
  | (Refused<"refused"> & { readonly word: string });

/** Null if no message can hold the input. */
export function packedInput(input: unknown): Uint8Array | null {
  try {
    return packValue(input);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

export function commandAnswer(answer: AnswerAt<MapDoor, "game.command">): CommandAnswer {
  if (answer.ok) return answer;
  const { refusal, detail = "" } = answer;
  if (refusal === "invalid") return { ok: false, refusal, problem: detail };
  if (refusal === "refused") return { ok: false, refusal, word: detail };
  return refused(refusal, answer.retryAfterMs);
}
