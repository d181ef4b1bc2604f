import { isChat, isMapName, type Position, problemOfScore, type Score } from "@sallyport/domain";
import { GameError } from "../schema/validate.ts";

/** How much an actor can say at once, in UTF-16 units. */
const speechUnitsMax = 255;

export function checkedSpeech(text: string): string {
  if (typeof text !== "string" || text.length > speechUnitsMax || !isChat(text)) {
    throw new GameError(`say: a text is 1 to ${speechUnitsMax} visible characters on one line`);
  }
  return text;
}

export function checkedPlace({ map, x, y }: Position): Position {
  const isCell = [x, y].every((each) => Number.isInteger(each) && each >= 0 && each <= 0xffff);
  if (!isMapName(map) || !isCell) throw new GameError(`warp: ${String(map)}:${x},${y} is no place`);
  return { map, x, y };
}

export function checkedScore(score: Score): Score {
  const problem = problemOfScore(score);
  if (problem !== null) throw new GameError(`submitScore: ${problem}`);
  return score;
}
