import type { Cell } from "@sallyport/domain";
import type { Leg } from "./field.ts";

/** Clients ignore walks of more than 17 cells. The shorter a walk, the less the client's own path differs from it. */
const legStepsMax = 14;

/** Where somebody is, and the way ahead as the client is told of it: leg by leg. */
export interface Walk extends Cell {
  readonly path: readonly Cell[];
  /** Steps until the client needs the next leg. */
  readonly legSteps: number;
}

export function walkAt({ x, y }: Cell, path: readonly Cell[]): Walk {
  return { x, y, path, legSteps: Math.min(path.length, legStepsMax) };
}

/** What the client is told of a walk as it begins; null: it stands. */
export function legOf({ x, y, path, legSteps }: Walk): Leg | null {
  const to = path[legSteps - 1];
  return to === undefined ? null : { from: { x, y }, to };
}

/** After a step. `next`: what the client is to be told: the next leg, or where somebody stands who left its path. */
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

/** By the step in x and y, north at greater y; 0 is north, then counter-clockwise. */
const dirs = [
  [3, 4, 5],
  [2, 0, 6],
  [1, 0, 7],
] as const;

export function directionOf(from: Cell, to: Cell, before: number): number {
  const [dx, dy] = [Math.sign(to.x - from.x), Math.sign(to.y - from.y)];
  return dx === 0 && dy === 0 ? before : (dirs[dy + 1]?.[dx + 1] ?? before);
}
