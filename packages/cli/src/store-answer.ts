import { readOnlyState, sqlStatesOf } from "@sallyport/database";
import { replyCode } from "@sallyport/redis";

/* What a store said that cannot serve, as far as everybody may know it: never what its error says, for that may name addresses and users. */

const wordsOf: { readonly [code: string]: string } = {
  [readOnlyState]: "answers, but is read-only like a standby",
  GENERATION: "answers, but lost the locks that it kept",
  OLDER: "answers, but lost the newest of the locks that it kept",
};

/** In words, of what was thrown while a store was asked. */
export function storeAnswer(error: unknown): string {
  const states = sqlStatesOf(error);
  const code = states.find((each) => Object.hasOwn(wordsOf, each)) ?? states[0] ?? replyCodeOf(error);
  if (code === undefined) return "does not answer";
  return wordsOf[code] ?? `answers, but refuses: ${states.length > 0 ? "SQLSTATE " : ""}${code}`;
}

function replyCodeOf(error: unknown): string | undefined {
  const code = replyCode(error);
  if (code !== undefined || !(error instanceof Error) || error.cause === undefined) return code;
  return replyCodeOf(error.cause);
}
