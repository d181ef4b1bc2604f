import type { CharId } from "@sallyport/domain";
import { bans, type EndReason, type Refusal } from "@sallyport/sdk";

/*
 * What the page does after a connection has ended. It comes back by itself only if nobody else asked for the
 * end: two pages that both came back after a takeover would take over from each other for ever.
 */

/** `by-itself`: the page comes back. `by-hand`: the player decides. */
export const afterEnd: Readonly<Record<EndReason, "by-itself" | "by-hand">> = {
  disconnected: "by-itself",
  "server-stopping": "by-itself",
  "cluster-link-lost": "by-itself",
  "timed-out": "by-itself",
  "save-failed": "by-itself",
  "logged-in-elsewhere": "by-hand",
  "second-choice": "by-hand",
  "lock-lost": "by-hand",
  banned: "by-hand",
  kicked: "by-hand",
  "credential-changed": "by-hand",
  "version-unsupported": "by-hand",
  left: "by-hand",
};

/** A way back into the game. It repeats until it succeeds, is refused for good, or the player gives up. */
export interface Returning {
  /** Why the way back began. */
  readonly reason: EndReason;
  /** The character that was played. Null if the player was at character select. */
  readonly charId: CharId | null;
  /** The number of the next or current attempt, from 1. */
  readonly attempt: number;
  /** The time of the next attempt. Null while an attempt is under way. */
  readonly dueMs: number | null;
}

/** Milliseconds before an attempt: each pause is twice the one before, up to the greatest. */
const pauseMs = { first: 500, max: 15_000 };

/** These refusals can be over at the next attempt, even if the server names no time. */
export const passing: ReadonlySet<Refusal> = new Set<Refusal>([
  "unreachable",
  "disconnected",
  "unanswered",
  "unavailable",
  "busy",
  "already-online",
  "overtaken",
  "no-world",
  "map-unavailable",
  "not-expected",
  "not-logged-in",
]);

/** `random` is from 0 to 1. Without it, all players of a lost server would come back at the same moment. */
export const firstReturn = (
  { reason, charId }: Pick<Returning, "reason" | "charId">,
  { nowMs, random }: { readonly nowMs: number; readonly random: number },
): Returning => ({ reason, charId, attempt: 1, dueMs: nowMs + waitMs(1, random) });

/** Returns the next attempt after a refusal, or null if the refusal is for good. */
export function nextReturn(
  returning: Returning,
  { refusal, retryAfterMs }: { readonly refusal: Refusal; readonly retryAfterMs?: number },
  { nowMs, random }: { readonly nowMs: number; readonly random: number },
): Returning | null {
  const attempt = returning.attempt + 1;
  // A ban may end, but nobody leaves the page open until then.
  if (bans.has(refusal) || (retryAfterMs === undefined && !passing.has(refusal))) return null;
  return { ...returning, attempt, dueMs: nowMs + Math.max(waitMs(attempt, random), retryAfterMs ?? 0) };
}

const waitMs = (attempt: number, random: number): number =>
  Math.round(Math.min(pauseMs.first * 2 ** (attempt - 1), pauseMs.max) * (0.75 + random / 2));
