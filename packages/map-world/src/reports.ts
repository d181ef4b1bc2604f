import { type Cell, isWithin } from "./grid-map.ts";

/** What the server knows about the reports of one player. */
export interface Reported extends Cell {
  /** The way to `x,y` takes until this time at the greatest speed. It can be a little in the future. */
  readonly paidUntilMs: number;
  /** The reports until now fill the time up to this one. */
  readonly countedUntilMs: number;
}

export interface ReportBounds {
  /** Each is one more than the greatest coordinate, in units. */
  readonly width: number;
  readonly height: number;
  /** In units per second. */
  readonly greatestSpeed: number;
}

export type ReportRefusal = "too-fast" | "outside" | "too-many";
export type ReportDecision =
  | { readonly ok: true; readonly next: Reported }
  | {
      readonly ok: false;
      readonly refusal: ReportRefusal;
      readonly retryAfterMs?: number;
      readonly next: Reported;
    };

/**
 * Reports can arrive up to this many milliseconds later than others before them, because networks hold bytes
 * back. A player that stood for so long can therefore be ahead by the way of this time, once.
 */
export const reportSlackMs = 1_000;
/** Maximum number of reports in a second. After a pause they can all come at once. */
export const reportsPerSecond = 30;

export const neverReported = ({ x, y }: Cell, nowMs: number): Reported => ({
  ...{ x, y, paidUntilMs: nowMs, countedUntilMs: nowMs - reportSlackMs },
});

/**
 * Decides on a report from the last position, the time, and the new position. Each report takes some time:
 * the time of the way at the greatest speed. A player has as much time as has passed, plus the slack.
 */
export function decideReport(last: Reported, nowMs: number, to: Cell, bounds: ReportBounds): ReportDecision {
  const earliestMs = nowMs - reportSlackMs;
  const countedUntilMs = Math.max(last.countedUntilMs, earliestMs) + 1_000 / reportsPerSecond;
  if (countedUntilMs > nowMs) {
    return { ok: false, refusal: "too-many", retryAfterMs: Math.ceil(countedUntilMs - nowMs), next: last };
  }
  const counted = { ...last, countedUntilMs };
  if (!isWithin(to.x, to.y, bounds)) return { ok: false, refusal: "outside", next: counted };
  const wayMs = (Math.hypot(to.x - last.x, to.y - last.y) * 1_000) / bounds.greatestSpeed;
  const paidUntilMs = Math.max(last.paidUntilMs, earliestMs) + wayMs;
  if (paidUntilMs > nowMs) return { ok: false, refusal: "too-fast", next: counted };
  return { ok: true, next: { x: to.x, y: to.y, paidUntilMs, countedUntilMs } };
}
