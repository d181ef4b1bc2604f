import type { Cell } from "@sallyport/domain";
import type { Leg } from "./field.ts";

/**
 * Maximum number of steps of a leg. Clients ignore walks of more than 17 cells. Clients find the path
 * themselves, and on a short walk the client's path differs less from the server's path.
 */
const legStepsMax = 14;

/** A cell and the path from there. The client gets the path in parts, called legs. */
export interface Walk extends Cell {
  readonly path: readonly Cell[];
  readonly legSteps: number;
}

export function walkAt({ x, y }: Cell, path: readonly Cell[]): Walk {
  return { x, y, path, legSteps: Math.min(path.length, legStepsMax) };
}

/** The leg that starts at the current cell of the walk. Null if the character stands still. */
export function legOf({ x, y, path, legSteps }: Walk): Leg | null {
  const to = path[legSteps - 1];
  return to === undefined ? null : { from: { x, y }, to };
}

/**
 * Advances the walk by one step to the cell. `next` is the leg to send now, or null if there is nothing to
 * send. `astray`: the cell is not the next one on the path.
 */
export function stepped(
  walk: Walk,
  { x, y }: Cell,
): { readonly walk: Walk; readonly next: Leg | "astray" | null } {
  const [step, ...path] = walk.path;
  if (step?.x !== x || step.y !== y) return { walk: walkAt({ x, y }, []), next: "astray" };
  if (walk.legSteps > 1) return { walk: { x, y, path, legSteps: walk.legSteps - 1 }, next: null };
  const begun = walkAt({ x, y }, path);
  return { walk: begun, next: legOf(begun) };
}

/**
 * Directions by the signs of the step: rows by y, columns by x, each from -1 to 1. North is towards greater
 * y.
 */
const dirs = [
  [3, 4, 5],
  [2, 0, 6],
  [1, 0, 7],
] as const;

export function directionOf(from: Cell, to: Cell, before: number): number {
  const [dx, dy] = [Math.sign(to.x - from.x), Math.sign(to.y - from.y)];
  return dx === 0 && dy === 0 ? before : (dirs[dy + 1]?.[dx + 1] ?? before);
}
