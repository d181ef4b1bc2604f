export const kickReasons = [
  "logged-in-elsewhere",
  "second-choice",
  "lock-lost",
  "server-stopping",
  "cluster-link-lost",
  "timed-out",
  "save-failed",
  "banned",
  /** An operator or a gamemaster put the client out. */
  "kicked",
  /** The password was changed, and all logins before the change end. */
  "credential-changed",
] as const;
export type KickReason = (typeof kickReasons)[number];

/** What a client is told that has to leave. */
export interface Kick {
  readonly reason: KickReason;
  /** Milliseconds since 1970 at which the ban ends. Null: it has no end, or the reason is no ban. */
  readonly untilMs: number | null;
  /** What an operator wrote for the player, at most `kickTextUnitsMax` UTF-16 units. */
  readonly text: string | null;
}
export const kickTextUnitsMax = 200;

/** Cuts a text that an operator wrote to what a client can be told. */
export const kickText = (written: string): string =>
  written.slice(0, kickTextUnitsMax).replace(/\p{Surrogate}/gu, "");

export const kickFor = (reason: KickReason): Kick => ({ reason, untilMs: null, text: null });
