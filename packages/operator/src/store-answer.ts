import { readOnlyState, sqlStatesOf } from "@sallyport/database";
import { replyCode } from "@sallyport/redis";

/*
 * Says why a store cannot serve, in words without secrets. The error itself may name addresses and users, so
 * it is never shown.
 */

const wordsOf: { readonly [code: string]: string } = {
  [readOnlyState]: "answers, but is read-only like a standby",
  GENERATION: "answers, but lost the locks that it kept",
  OLDER: "answers, but lost the newest of the locks that it kept",
};

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
