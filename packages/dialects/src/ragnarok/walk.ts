import type { Cell, Walking } from "@sallyport/domain";
import type { Leg } from "./field.ts";

/**
 * Maximum number of steps of a leg. Clients ignore walks of more than 17 cells. Clients find the path
 * themselves, and on a short walk the client's path differs less from the server's path.
 */
const legStepsMax = 14;

/** The rest of the leg that the actor is on. All clients get the same legs. Null while the actor stands. */
export function legOf({ x, y, path, walked }: Walking): Leg | null {
  const to = path[Math.min(path.length, walked - (walked % legStepsMax) + legStepsMax) - 1];
  return to === undefined || walked >= path.length ? null : { from: { x, y }, to };
}

/** True at the first cell of each leg, when clients must be told the leg. */
export const beginsLeg = ({ walked }: Walking): boolean => walked % legStepsMax === 0;

/**
 * Directions by the signs of the step: rows by y, columns by x, each from -1 to 1. North is towards greater
 * y.
 */
const dirs = [
  [3, 4, 5],
  [2, 0, 6],
  [1, 0, 7],
] as const;

const south = 4;

/** The direction in which an actor looks after a step. South if it took no step. */
export function directionOf(from: Cell | null, to: Cell): number {
  if (from === null) return south;
  const [dx, dy] = [Math.sign(to.x - from.x), Math.sign(to.y - from.y)];
  return dx === 0 && dy === 0 ? south : (dirs[dy + 1]?.[dx + 1] ?? south);
}
