import { bans, type EndReason, type Explained, type NameKind, type Refusal } from "@sallyport/sdk";
import type { Texts } from "./texts.ts";

/** No `Date` is later. A ban until such a time has no end. */
const dateMsMax = 8.64e15;

/**
 * Returns the sentence of the code. If `explained` says more, also until when a ban holds, and why. `about` is that of
 * `describeRefusal`.
 */
export function whyText(
  texts: Texts,
  code: Refusal | EndReason,
  explained: Explained | null,
  about: NameKind = "account",
): string {
  const { untilMs, text } = explained ?? { untilMs: null, text: null };
  const isBan = explained !== null && bans.has(code);
  const until = isBan ? [texts.banEnds(untilMs !== null && untilMs > dateMsMax ? null : untilMs)] : [];
  const said = text === null || text === "" ? [] : [texts.operatorSays(text)];
  return [texts.refusal(code, about), ...until, ...said].join(" ");
}
