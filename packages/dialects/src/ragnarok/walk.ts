import type { Cell, Walking } from "@sallyport/domain";
import type { Leg } from "./field.ts";

/**
 * Maximum number of steps in a leg. Clients ignore walks of more than 17 cells. They also find the path
 * themselves, and on a short walk their path differs less from the server's path.
 */
const legStepsMax = 14;

/**
 * Returns the rest of the present leg of a walk. All clients get the same legs. Returns null if the actor
 * stands.
 */
export function legOf({ x, y, path, walked }: Walking): Leg | null {
  const to = path[Math.min(path.length, walked - (walked % legStepsMax) + legStepsMax) - 1];
  return to === undefined || walked >= path.length ? null : { from: { x, y }, to };
}

/** True at the first cell of each leg. Clients must get the leg at this moment. */
export const beginsLeg = ({ walked }: Walking): boolean => walked % legStepsMax === 0;

/**
 * The directions of a step. The row is the sign of y and the column is the sign of x, each from -1 to 1. y
 * grows towards north.
 */
const dirs = [
  [3, 4, 5],
  [2, 0, 6],
  [1, 0, 7],
] as const;

const south = 4;

/** Returns the direction in which an actor looks after a step. Returns south if it took no step. */
export function directionOf(from: Cell | null, to: Cell): number {
  if (from === null) return south;
  const [dx, dy] = [Math.sign(to.x - from.x), Math.sign(to.y - from.y)];
  return dx === 0 && dy === 0 ? south : (dirs[dy + 1]?.[dx + 1] ?? south);
}
