/*
 * After a link is lost, the other server waits for a time that it announced at the admission. Then it may
 * give the locks away. This server cannot know when the other server lost the link, or when the other server
 * sent an answer. So this server measures the time from the moment when it *sent* the newest answered
 * question, on its monotonic clock.
 */

/** The time during which a server owns its locks, with a link or without. */
export interface LinkHold {
  /** When the newest answered question was sent. */
  readonly goodMs: number;
  readonly lastsMs: number;
}

const askEveryMinMs = 20;
const askEveryMaxMs = 250;
/**
 * Minimum number of questions that a server asks during a hold. A single unanswered question proves nothing.
 */
const questions = 10;
/**
 * A server relies on its locks only for this part of the other server's waiting time. The rest is a reserve,
 * because clocks differ in speed and timers fire late.
 */
const part = 0.98;
/** Maximum time that is reserved for linking again, if a server comes back at the last moment. */
const relinkMaxMs = 1_000;

/** `askedMs`: when this server sent its request for admission. `reconnectMs`: the other server's wait. */
export const holdFrom = (askedMs: number, reconnectMs: number): LinkHold => ({
  goodMs: askedMs,
  lastsMs: reconnectMs * part,
});

export const holdEndMs = ({ goodMs, lastsMs }: LinkHold): number => goodMs + lastsMs;

export const extendHold = (hold: LinkHold, askedMs: number): LinkHold => ({
  ...hold,
  goodMs: Math.max(hold.goodMs, askedMs),
});

/** The period of the questions that extend a hold. */
export const askEveryMs = ({ lastsMs }: LinkHold): number =>
  Math.min(askEveryMaxMs, Math.max(askEveryMinMs, lastsMs / questions));

/**
 * Returns how long the other server has to wait, so that a server can come back after a pause of `awayMs`.
 * The newest answered question may have been sent two periods of questions before the pause began, and
 * linking again takes time.
 */
export function waitMsFor(awayMs: number): number {
  const unheardMs = 2 * Math.min(askEveryMaxMs, 0.15 * awayMs);
  const relinkMs = Math.min(relinkMaxMs, 0.2 * awayMs);
  return Math.ceil((awayMs + unheardMs + relinkMs) / part);
}
