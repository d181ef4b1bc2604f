import type { Cell } from "@sallyport/domain";

export const distanceOf = (a: Cell, b: Cell): number => Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y));
