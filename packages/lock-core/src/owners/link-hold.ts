/*
 * After a link is lost, the server at the other end waits for a time that it announced at the admission. Then
 * it is allowed to give the locks of this server away. This server cannot know when the other end lost the
 * link, or when the other end sent an answer. So this server measures the time from the moment when it *sent*
 * the newest answered request, on its monotonic clock.
 */

/** During this time, a server owns its locks, with a link or without. */
export interface LinkHold {
  /** The newest answered request was sent at this time. */
  readonly goodMs: number;
  readonly lastsMs: number;
}

const askEveryMinMs = 20;
const askEveryMaxMs = 250;
/**
 * A server sends at least this many requests during a hold, because one unanswered request proves nothing.
 */
const questions = 10;
/**
 * The other end of the link announces how long it waits. A server relies on its locks only for this part of
 * the time. The rest is a reserve, because clocks differ in speed and timers fire late.
 */
const part = 0.98;
/** A server may come back at the last moment. At most this much time is reserved for linking again. */
const relinkMaxMs = 1_000;

/** This server asked for admission at `askedMs`. The other end of the link waits for `reconnectMs`. */
export const holdFrom = (askedMs: number, reconnectMs: number): LinkHold => ({
  goodMs: askedMs,
  lastsMs: reconnectMs * part,
});

export const holdEndMs = ({ goodMs, lastsMs }: LinkHold): number => goodMs + lastsMs;

export const extendHold = (hold: LinkHold, askedMs: number): LinkHold => ({
  ...hold,
  goodMs: Math.max(hold.goodMs, askedMs),
});

/** Returns the time between two requests that extend a hold. */
export const askEveryMs = ({ lastsMs }: LinkHold): number =>
  Math.min(askEveryMaxMs, Math.max(askEveryMinMs, lastsMs / questions));

/**
 * Returns how long the other end of the link has to wait, so that a server can come back after a pause of
 * `awayMs`. The newest answered request may have been sent two request periods before the pause began, and
 * linking again takes time.
 */
export function waitMsFor(awayMs: number): number {
  const unheardMs = 2 * Math.min(askEveryMaxMs, 0.15 * awayMs);
  const relinkMs = Math.min(relinkMaxMs, 0.2 * awayMs);
  return Math.ceil((awayMs + unheardMs + relinkMs) / part);
}
