// This file finds a path. A step goes to any of the eight neighbours, and all steps cost the same. A diagonal
// step is allowed only if both cells beside it are walkable, so no actor cuts a corner.
//
// Most targets can be reached directly. So the search first tries the direct path, which is cheap. If a wall
// blocks the direct path, the search uses A*. The price counts steps first and diagonals second, so A* finds
// the shortest path with the fewest diagonals. The path is then read from the goal back to the start, along
// falling prices. The path keeps its direction if possible, so a walk does not zigzag.
//
// A path of n steps never leaves the square of n cells around its start. So the working memory covers only
// that square. Each search marks its entries with a new generation number, so the memory need not be cleared.

import { distanceCells } from "@sallyport/domain";
import { BinaryHeap } from "./binary-heap.ts";
import type { Cell, GridMap } from "./grid-map.ts";

export interface PathLimits {
  /** Maximum number of steps of a path, 1 to 255. */
  readonly stepsMax: number;
  /** The search stops after it has expanded this many cells. Default: all cells of the square. */
  readonly exploredCellsMax?: number;
}

/** If two paths are equally good, the order of this list decides. */
const directions: readonly Cell[] = [
  { x: 1, y: 0 },
  { x: 0, y: 1 },
  { x: -1, y: 0 },
  { x: 0, y: -1 },
  { x: 1, y: 1 },
  { x: -1, y: 1 },
  { x: -1, y: -1 },
  { x: 1, y: -1 },
];

const generationMax = 0xffff_ffff;

export class PathFinder {
  /** Number of cells that the last `find` expanded. It is 0 if the direct path was walkable. */
  exploredCells = 0;

  readonly #map: GridMap;
  readonly #stepsMax: number;
  readonly #exploredCellsMax: number;
  readonly #side: number;
  /**
   * The price of a straight step. A diagonal step costs 1 more. One step costs more than all these extras in
   * any path together.
   */
  readonly #stepPrice: number;
  readonly #price: Uint32Array;
  readonly #pricedIn: Uint32Array;
  readonly #expandedIn: Uint32Array;
  readonly #open = new BinaryHeap<number>((a, b) => a < b);
  #generation = 0;
  #left = 0;
  #top = 0;

  constructor(map: GridMap, limits: PathLimits) {
    if (!Number.isInteger(limits.stepsMax) || limits.stepsMax < 1 || limits.stepsMax > 255) {
      throw new RangeError(`stepsMax is 1 to 255, not ${limits.stepsMax}`);
    }
    this.#map = map;
    this.#stepsMax = limits.stepsMax;
    this.#side = 2 * limits.stepsMax + 1;
    this.#stepPrice = limits.stepsMax + 1;
    const cells = this.#side * this.#side;
    this.#exploredCellsMax = limits.exploredCellsMax ?? cells;
    this.#price = new Uint32Array(cells);
    this.#pricedIn = new Uint32Array(cells);
    this.#expandedIn = new Uint32Array(cells);
  }

  /** Returns the cells of the shortest path, without `from`. Returns null if no path is within the limits. */
  find(from: Cell, to: Cell): Cell[] | null {
    this.exploredCells = 0;
    if (!this.#map.isWalkable(from.x, from.y) || !this.#map.isWalkable(to.x, to.y)) return null;
    if (distanceCells(from, to) > this.#stepsMax) return null;
    return this.#findDirect(from, to) ?? this.#search(from, to);
  }

  /** Goes diagonally until the goal is straight ahead. Then goes straight. */
  #findDirect(from: Cell, to: Cell): Cell[] | null {
    const path: Cell[] = [];
    let { x, y } = from;
    for (let steps = distanceCells(from, to); steps > 0; steps--) {
      const dx = Math.sign(to.x - x);
      const dy = Math.sign(to.y - y);
      if (!this.#canStep(x, y, dx, dy)) return null;
      x += dx;
      y += dy;
      path.push({ x, y });
    }
    return path;
  }

  #search(from: Cell, to: Cell): Cell[] | null {
    this.#startSearch(from);
    const stepsMax = this.#stepsMax;
    const price = this.#price;
    const goal = this.#indexOf(to.x, to.y);
    const start = this.#indexOf(from.x, from.y);
    price[start] = 0;
    this.#pricedIn[start] = this.#generation;
    this.#offer(start, 0, this.#estimate(from.x, from.y, to));

    for (let index = this.#takeBest(); index !== undefined; index = this.#takeBest()) {
      if (this.#expandedIn[index] === this.#generation) continue;
      this.#expandedIn[index] = this.#generation;
      if (index === goal) return this.#readBack(from, to);
      if (++this.exploredCells > this.#exploredCellsMax) return null;

      const x = this.#left + (index % this.#side);
      const y = this.#top + Math.floor(index / this.#side);
      for (const { x: dx, y: dy } of directions) {
        if (!this.#canStep(x, y, dx, dy)) continue;
        const paid = (price[index] as number) + this.#priceOf(dx, dy);
        const estimate = this.#estimate(x + dx, y + dy, to);
        // This check also keeps the search inside its square, because every cell outside the square is more
        // than `stepsMax` steps away.
        if (Math.floor((paid + estimate) / this.#stepPrice) > stepsMax) continue;
        const next = this.#indexOf(x + dx, y + dy);
        if (this.#pricedIn[next] === this.#generation && (price[next] as number) <= paid) continue;
        price[next] = paid;
        this.#pricedIn[next] = this.#generation;
        this.#offer(next, paid, estimate);
      }
    }
    return null;
  }

  #readBack(from: Cell, to: Cell): Cell[] {
    const path: Cell[] = [];
    let { x, y } = to;
    let kept: Cell | undefined;
    while (x !== from.x || y !== from.y) {
      path.push({ x, y });
      const step = kept !== undefined && this.#cameBy(x, y, kept) ? kept : this.#firstStepInto(x, y);
      x -= step.x;
      y -= step.y;
      kept = step;
    }
    return path.reverse();
  }

  #firstStepInto(x: number, y: number): Cell {
    const step = directions.find((direction) => this.#cameBy(x, y, direction));
    if (step === undefined)
      throw new Error(`the way to ${x},${y} on ${this.#map.name} has no step before it`);
    return step;
  }

  /** True if this step can be the last step of a best path to this cell. */
  #cameBy(x: number, y: number, step: Cell): boolean {
    const column = x - step.x - this.#left;
    const row = y - step.y - this.#top;
    if (column < 0 || row < 0 || column >= this.#side || row >= this.#side) return false;
    const before = row * this.#side + column;
    return (
      this.#pricedIn[before] === this.#generation &&
      (this.#price[before] as number) + this.#priceOf(step.x, step.y) === this.#price[this.#indexOf(x, y)] &&
      this.#canStep(x - step.x, y - step.y, step.x, step.y)
    );
  }

  #canStep(x: number, y: number, dx: number, dy: number): boolean {
    const map = this.#map;
    if (!map.isWalkable(x + dx, y + dy)) return false;
    return dx === 0 || dy === 0 || (map.isWalkable(x + dx, y) && map.isWalkable(x, y + dy));
  }

  #priceOf(dx: number, dy: number): number {
    return dx !== 0 && dy !== 0 ? this.#stepPrice + 1 : this.#stepPrice;
  }

  /** Returns the price of a path without walls. The true price is never lower. */
  #estimate(x: number, y: number, to: Cell): number {
    const dx = Math.abs(to.x - x);
    const dy = Math.abs(to.y - y);
    return Math.max(dx, dy) * this.#stepPrice + Math.min(dx, dy);
  }

  /**
   * Packs three numbers into one number below 2^53: the estimated total price, the estimated rest of the
   * price, and the index of the cell. So the heap compares plain numbers. The numbers of two cells are never
   * equal.
   */
  #offer(index: number, paid: number, estimate: number): void {
    const priceBound = (this.#stepsMax + 1) * (this.#stepPrice + 1);
    this.#open.push(((paid + estimate) * priceBound + estimate) * this.#price.length + index);
  }

  #takeBest(): number | undefined {
    const packed = this.#open.pop();
    return packed === undefined ? undefined : packed % this.#price.length;
  }

  #indexOf(x: number, y: number): number {
    return (y - this.#top) * this.#side + (x - this.#left);
  }

  #startSearch(from: Cell): void {
    if (this.#generation === generationMax) {
      this.#pricedIn.fill(0);
      this.#expandedIn.fill(0);
      this.#generation = 0;
    }
    this.#generation++;
    this.#left = from.x - this.#stepsMax;
    this.#top = from.y - this.#stepsMax;
    this.#open.clear();
  }
}
