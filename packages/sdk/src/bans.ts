import { type Kick, type Outcome, type Refused, refusedBecause } from "@sallyport/domain";
import { describeRefusal, type EndReason, type NameKind, type Refusal } from "./refusals.ts";

/** What the servers say beside the code of a refusal, or beside the reason of an end. */
export interface Explained {
  /** Milliseconds since 1970 at which a ban ends. Null: it has no end, or this is no ban. */
  readonly untilMs: number | null;
  /** What an operator wrote for the player. Null: nothing. */
  readonly text: string | null;
}

/** The refusals and ends that are about a ban. */
export const bans: ReadonlySet<Refusal | EndReason> = new Set<Refusal>([
  "banned",
  "address-banned",
  "device-banned",
]);

/** Returns when a ban ends and why it was made. `nowMs` is in milliseconds since 1970. */
export function explainedBy({ refusal, retryAfterMs, detail }: Refused<Refusal>, nowMs: number): Explained {
  if (!bans.has(refusal)) return { untilMs: null, text: null };
  return { untilMs: retryAfterMs === undefined ? null : nowMs + retryAfterMs, text: detail ?? null };
}

/** No `Date` is later. A ban until such a time has no end. */
const dateMsMax = 8.64e15;

/**
 * Returns sentences in English for players: the one of the code, until when a ban holds, and why. `about` is that of
 * `describeRefusal`.
 */
export function describeExplained(
  code: Refusal | EndReason,
  { untilMs, text }: Explained,
  about: NameKind = "account",
): string {
  const isEndless = untilMs === null || untilMs > dateMsMax;
  const until = isEndless ? "The ban has no end." : `The ban ends at ${minuteOf(untilMs)}.`;
  const said = text === null || text === "" ? [] : [`The operator says: ${text}`];
  return [describeRefusal(code, about), ...(bans.has(code) ? [until] : []), ...said].join(" ");
}

const minuteOf = (atMs: number): string =>
  `${new Date(atMs)
    .toISOString()
    .replace(/:\d\d\.\d{3}Z$/, "")
    .replace("T", " ")} UTC`;

/**
 * A server may put the client out before it answers. If that is because of a ban, the call is refused as
 * `banned`, and not as `disconnected`.
 */
export function unlessBanned<Answer extends Outcome<unknown, string>>(
  answer: Answer,
  kick: Kick | null,
  nowMs: number,
): Answer | Refused<"banned"> {
  if (answer.ok || answer.refusal !== "disconnected" || kick?.reason !== "banned") return answer;
  const { untilMs, text: detail } = kick;
  const retryAfterMs = untilMs === null ? null : Math.max(1, untilMs - nowMs);
  return refusedBecause("banned", { retryAfterMs, detail });
}
