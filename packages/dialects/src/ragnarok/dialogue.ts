import { type DialogueAnswer, dialogueBounds } from "@sallyport/domain";
import { type CodePage, clientTextBytes } from "./code-page.ts";

/** Maximum length of a line and of a menu in bytes. Clients have room for one NUL more. */
const dialogueBytesMax = 2_046;
const cancelled = 255;
const separator = 0x3a;
const dash = Uint8Array.of(0x2d);

/** Each line becomes a packet of its own. A line that is too long is cut. */
export const linesOf = (text: string, codePage: CodePage): Uint8Array[] =>
  text.split("\n").map((line) => clientTextBytes(line, codePage, dialogueBytesMax));

/**
 * Returns the choices, joined by `:`. A choice gets `;` for each `:` of its own. Clients do not count empty
 * choices, so these become `-`. If the choices are too long together, each is cut to its share of the bytes.
 */
export function menuOf(given: readonly string[], codePage: CodePage): Uint8Array {
  const choices = given.slice(0, dialogueBounds.choicesMax);
  const share = Math.floor((dialogueBytesMax + 1) / choices.length) - 1;
  const entriesWithin = (bytesMax: number): number[] =>
    choices.flatMap((choice, i) => {
      const entry = clientTextBytes(choice.replaceAll(":", ";"), codePage, bytesMax);
      return [...(i === 0 ? [] : [separator]), ...(entry.length === 0 ? dash : entry)];
    });
  const whole = entriesWithin(dialogueBytesMax);
  return Uint8Array.from(whole.length <= dialogueBytesMax ? whole : entriesWithin(share));
}

/** Clients count the choices from 1. No client sends 0, and like 255 it ends the dialogue. */
export const answerOf = (choice: number): DialogueAnswer =>
  choice === 0 || choice === cancelled ? { type: "close" } : { type: "choice", index: choice - 1 };
