import type { Cell } from "@sallyport/domain";

/** A step from one place to a cell. The places are in cells, and can be between two cells. */
export interface Motion {
  readonly from: Cell;
  readonly to: Cell;
  readonly startMs: number;
  readonly durationMs: number;
}

/** Farther steps are jumps, such as warps. They are not shown as movement. */
const stepCellsMax = 2;

export const standing = (to: Cell): Motion => ({ from: to, to, startMs: 0, durationMs: 0 });

/** Begins a step to a cell, from the place where the actor is drawn at that moment. */
export function stepTo(motion: Motion, { x, y }: Cell, stepMs: number, nowMs: number): Motion {
  const from = placeAt(motion, nowMs);
  const to = { x, y };
  const isJump = Math.max(Math.abs(from.x - x), Math.abs(from.y - y)) > stepCellsMax;
  return isJump ? standing(to) : { from, to, startMs: nowMs, durationMs: stepMs };
}

export function placeAt({ from, to, startMs, durationMs }: Motion, nowMs: number): Cell {
  const part = durationMs === 0 ? 1 : Math.min(1, Math.max(0, (nowMs - startMs) / durationMs));
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

export const isMoving = ({ startMs, durationMs }: Motion, nowMs: number): boolean =>
  nowMs < startMs + durationMs;
