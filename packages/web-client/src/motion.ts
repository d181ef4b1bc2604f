import { type Cell, distanceCells } from "@sallyport/domain";

/** A step from one place to another. */
export interface Motion {
  readonly from: Cell;
  readonly to: Cell;
  readonly startMs: number;
  readonly durationMs: number;
}

export const standing = (to: Cell): Motion => ({ from: to, to, startMs: 0, durationMs: 0 });

export interface StepOptions {
  readonly nowMs: number;
  readonly durationMs: number;
  /** Farther steps are jumps, such as warps. They are not shown as movement. */
  readonly jumpCells: number;
}

/** Begins a step to a place, from the place where the actor is drawn at that moment. */
export function stepTo(motion: Motion, to: Cell, { nowMs, durationMs, jumpCells }: StepOptions): Motion {
  const from = placeAt(motion, nowMs);
  return distanceCells(from, to) > jumpCells ? standing(to) : { from, to, startMs: nowMs, durationMs };
}

export function placeAt({ from, to, startMs, durationMs }: Motion, nowMs: number): Cell {
  const part = durationMs === 0 ? 1 : Math.min(1, Math.max(0, (nowMs - startMs) / durationMs));
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

export const isMoving = ({ startMs, durationMs }: Motion, nowMs: number): boolean =>
  nowMs < startMs + durationMs;
