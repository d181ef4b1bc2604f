// One map and everybody on it. Nothing here reads a clock: the caller says what time it is, on a clock that does
// not jump, and is given the events that follow from it.
//
// A walk is a list of cells and the time at which the step in progress ends; the actor stands on its old cell
// until then. A new walk while one is under way starts at the end of that step, whose time does not change. So
// asking again, however often, neither slows an actor down nor makes it faster: steps end at least `stepMs` apart.
//
// Walkers wait in a heap by the end of their step: an `advance` costs the steps that are due and the neighbours
// of those who take them. Actors that stand are never touched.
//
// A sees B if and only if they are within `viewCells` of each other, so seeing is mutual, and one event per step
// says it for both sides and all neighbours at once.

import { type ActorId, AreaIndex, type Placed } from "./area.ts";
import { BinaryHeap } from "./binary-heap.ts";
import { type Cell, distanceCells, type GridMap, type Warp } from "./grid-map.ts";
import { PathFinder } from "./path.ts";

export interface MapWorldOptions {
  readonly map: GridMap;
  /** How long one step takes, in any direction. */
  readonly stepMs: number;
  readonly viewCells: number;
  readonly pathStepsMax: number;
}

/** Events are to be told in the order in which they are returned. */
export type WorldEvent =
  /** The actor and each of the others now see each other: tell them of it, and it of them. */
  | { readonly type: "met"; readonly actor: Placed; readonly others: readonly Placed[] }
  /** The actor and each of the others no longer see each other. */
  | { readonly type: "parted"; readonly actor: ActorId; readonly others: readonly ActorId[] }
  /** Ended a step. The watchers are the actor itself and those who saw it before and still do. */
  | {
      readonly type: "moved";
      readonly actor: ActorId;
      readonly x: number;
      readonly y: number;
      readonly watchers: readonly ActorId[];
    }
  /** Set out, took another way, or stopped; `path` is all that is ahead. The watchers are the actor and those who see it. */
  | {
      readonly type: "walks";
      readonly actor: Placed;
      readonly path: readonly Cell[];
      readonly watchers: readonly ActorId[];
    }
  /** Ended a step on a warp, and stands there until the caller decides. */
  | { readonly type: "warped"; readonly actor: ActorId; readonly warp: Warp };

export interface Walk {
  /** How many steps it will take, the one in progress included; null if there is no way or no such actor. */
  readonly steps: number | null;
  readonly events: readonly WorldEvent[];
}

interface Walker {
  readonly id: ActorId;
  /** Empty while standing; a warp can only be its last cell. */
  path: readonly Cell[];
  /** Where in the path the step in progress leads. */
  pathIndex: number;
  stepEndMs: number;
  /** Its entry in the heap outlives it. */
  gone: boolean;
}

/** How far from its cell somebody new may be put. */
export const spreadCells = 3;

/** Straight ones first. */
const neighbours = [
  ...([
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ] as const),
  ...([
    [1, 1],
    [-1, 1],
    [-1, -1],
    [1, -1],
  ] as const),
];

/**
 * Each command that is given the time first carries out the steps due by then, and its events begin with theirs.
 * A time earlier than one already given counts as that one.
 */
export class MapWorld {
  readonly map: GridMap;
  readonly #stepMs: number;
  readonly #viewCells: number;
  readonly #area: AreaIndex;
  readonly #pathFinder: PathFinder;
  readonly #walkers = new Map<ActorId, Walker>();
  readonly #steps = new BinaryHeap<Walker>((a, b) =>
    a.stepEndMs === b.stepEndMs ? a.id < b.id : a.stepEndMs < b.stepEndMs,
  );
  #nowMs = Number.NEGATIVE_INFINITY;

  constructor({ map, stepMs, viewCells, pathStepsMax }: MapWorldOptions) {
    if (!(stepMs > 0)) throw new RangeError(`stepMs is more than 0, not ${stepMs}`);
    if (!Number.isInteger(viewCells) || viewCells < 1) {
      throw new RangeError(`viewCells is a whole number from 1, not ${viewCells}`);
    }
    this.map = map;
    this.#stepMs = stepMs;
    this.#viewCells = viewCells;
    this.#area = new AreaIndex({ width: map.width, height: map.height, viewCells });
    this.#pathFinder = new PathFinder(map, { stepsMax: pathStepsMax });
  }

  /** How many are on the map. */
  get count(): number {
    return this.#area.count;
  }

  /** What looking around has cost so far; see `AreaIndex`. */
  get candidatesExamined(): number {
    return this.#area.candidatesExamined;
  }

  ids(): IterableIterator<ActorId> {
    return this.#area.ids();
  }

  /** The cell it stands on, or is about to leave. Steps that are due count only once they are carried out. */
  position(id: ActorId): Cell | undefined {
    return this.#area.cellOf(id);
  }

  /** The cells ahead of an actor, the one that it is about to step on first. */
  pathOf(id: ActorId): readonly Cell[] {
    const walker = this.#walkers.get(id);
    return walker === undefined ? [] : walker.path.slice(walker.pathIndex);
  }

  /**
   * Puts an actor on the map: at the spawn if it asks for a wall or for a cell outside, because maps change while
   * players are away. With `isNew`, and there at the spawn, many ask for the same cell: each has one of its own, the
   * nearest that is free, as far as there are any within `spreadCells`. Arriving on a warp does not warp. Entering twice is a
   * bug of the caller.
   */
  enter(actor: Placed & { readonly isNew?: boolean }, nowMs: number): readonly WorldEvent[] {
    if (this.#walkers.has(actor.id)) throw new Error(`${actor.id} is already on ${this.map.name}`);
    const events = this.#carryOutSteps(nowMs);
    const isAsAsked = this.map.isWalkable(actor.x, actor.y);
    const asked = isAsAsked ? actor : this.map.spawn;
    const { x, y } = isAsAsked && actor.isNew !== true ? asked : this.#freeNear(asked);
    const others = this.#area.near(x, y).map(snapshot);
    this.#area.place(actor.id, x, y);
    this.#walkers.set(actor.id, standing(actor.id));
    if (others.length > 0) events.push({ type: "met", actor: { id: actor.id, x, y }, others });
    return events;
  }

  /** The cell itself where it is free, or where none is. Reached without a wall or a warp in between. */
  #freeNear(cell: Cell): Cell {
    const keyOf = ({ x, y }: Cell): number => y * this.map.width + x;
    const taken = new Set(this.#area.near(cell.x, cell.y, spreadCells).map(keyOf));
    const seen = new Set([keyOf(cell)]);
    const queue = [{ x: cell.x, y: cell.y }];
    for (const from of queue) {
      if (!taken.has(keyOf(from))) return from;
      for (const [dx, dy] of neighbours) {
        const to = { x: from.x + dx, y: from.y + dy };
        const isFloor = this.map.isWalkable(to.x, to.y) && this.map.warpAt(to.x, to.y) === undefined;
        if (!isFloor || seen.has(keyOf(to)) || distanceCells(cell, to) > spreadCells) continue;
        seen.add(keyOf(to));
        queue.push(to);
      }
    }
    return { x: cell.x, y: cell.y };
  }

  /**
   * Sets out for a cell from the one the actor is on, or from the end of its step in progress. Without a way, the
   * walk under way goes on. A walk ends at the first warp on it.
   */
  walk(id: ActorId, to: Cell, nowMs: number): Walk {
    const events = this.#carryOutSteps(nowMs);
    const walker = this.#walkers.get(id);
    const from = this.#area.cellOf(id);
    if (walker === undefined || from === undefined) return { steps: null, events };
    const inProgress = walker.path[walker.pathIndex];
    const found = this.#pathFinder.find(inProgress ?? from, to);
    if (found === null) return { steps: null, events };
    if (inProgress !== undefined) found.unshift(inProgress);
    const warpIndex = found.findIndex(({ x, y }) => this.map.warpAt(x, y) !== undefined);
    walker.path = warpIndex === -1 ? found : found.slice(0, warpIndex + 1);
    walker.pathIndex = 0;
    if (inProgress === undefined && walker.path.length > 0) {
      walker.stepEndMs = this.#nowMs + this.#stepMs;
      this.#steps.push(walker);
    }
    if (walker.path.length > 0) {
      const { x, y } = from;
      events.push({ type: "walks", actor: { id, x, y }, path: walker.path, watchers: this.say(id) });
    }
    return { steps: walker.path.length, events };
  }

  /** Stops a walk where the actor stands; the step in progress is not made. */
  stop(id: ActorId, nowMs: number): readonly WorldEvent[] {
    const events = this.#carryOutSteps(nowMs);
    const walker = this.#walkers.get(id);
    const cell = this.#area.cellOf(id);
    if (walker === undefined || cell === undefined || walker.path.length === 0) return events;
    walker.gone = true;
    this.#walkers.set(id, standing(id));
    events.push({ type: "walks", actor: { id, x: cell.x, y: cell.y }, path: [], watchers: this.say(id) });
    return events;
  }

  /** Takes an actor off the map, where it stands at the last time given; of one that is not here, nothing follows. */
  leave(id: ActorId): readonly WorldEvent[] {
    const walker = this.#walkers.get(id);
    const cell = this.#area.cellOf(id);
    if (walker === undefined || cell === undefined) return [];
    walker.gone = true;
    this.#walkers.delete(id);
    this.#area.remove(id);
    const others = this.#area.near(cell.x, cell.y).map((other) => other.id);
    return others.length > 0 ? [{ type: "parted", actor: id, others }] : [];
  }

  /** Who hears an actor speak: all who see it, and itself. */
  say(id: ActorId): readonly ActorId[] {
    const cell = this.#area.cellOf(id);
    return cell === undefined ? [] : this.#area.near(cell.x, cell.y).map((other) => other.id);
  }

  /** Carries out every step due by now, in the order of their times; of those at one time, the lower id first. */
  advance(nowMs: number): readonly WorldEvent[] {
    return this.#carryOutSteps(nowMs);
  }

  /** When `advance` next has something to do; null while all stand. */
  nextStepMs(): number | null {
    let next = this.#steps.peek();
    while (next?.gone) {
      this.#steps.pop();
      next = this.#steps.peek();
    }
    return next?.stepEndMs ?? null;
  }

  #carryOutSteps(nowMs: number): WorldEvent[] {
    const events: WorldEvent[] = [];
    this.#nowMs = Math.max(this.#nowMs, nowMs);
    for (let next = this.#steps.peek(); next !== undefined; next = this.#steps.peek()) {
      if (!next.gone && next.stepEndMs > this.#nowMs) break;
      this.#steps.pop();
      if (!next.gone) this.#endStep(next, events);
    }
    return events;
  }

  #endStep(walker: Walker, events: WorldEvent[]): void {
    const before = this.#area.cellOf(walker.id);
    const cell = walker.path[walker.pathIndex];
    if (before === undefined || cell === undefined) throw new Error(`${walker.id} walks without a path`);
    this.#area.move(walker.id, cell.x, cell.y);
    this.#look(walker.id, before, cell, events);

    const warp = this.map.warpAt(cell.x, cell.y);
    if (warp !== undefined) events.push({ type: "warped", actor: walker.id, warp });
    walker.pathIndex++;
    if (walker.pathIndex === walker.path.length) {
      walker.path = [];
      walker.pathIndex = 0;
      return;
    }
    // From the end of the last step, not from now: a late caller does not slow anybody down.
    walker.stepEndMs += this.#stepMs;
    this.#steps.push(walker);
  }

  /** The old cell is a neighbour of the new one, so one cell more than the view covers both views. */
  #look(id: ActorId, before: Cell, after: Cell, events: WorldEvent[]): void {
    const watchers: ActorId[] = [id];
    const parted: ActorId[] = [];
    const met: Placed[] = [];
    for (const other of this.#area.near(after.x, after.y, this.#viewCells + 1)) {
      if (other.id === id) continue;
      const saw = distanceCells(before, other) <= this.#viewCells;
      const sees = distanceCells(after, other) <= this.#viewCells;
      if (saw && sees) watchers.push(other.id);
      else if (saw) parted.push(other.id);
      else if (sees) met.push(snapshot(other));
    }
    if (parted.length > 0) events.push({ type: "parted", actor: id, others: parted });
    events.push({ type: "moved", actor: id, x: after.x, y: after.y, watchers });
    if (met.length > 0) events.push({ type: "met", actor: { id, x: after.x, y: after.y }, others: met });
  }
}

const standing = (id: ActorId): Walker => ({ id, path: [], pathIndex: 0, stepEndMs: 0, gone: false });

/** The index's entries move on; an event must not. */
function snapshot({ id, x, y }: Placed): Placed {
  return { id, x, y };
}
