// This file holds one map and all actors on it. The caller passes the time of a clock that does not jump. The
// map returns the resulting events.
//
// A walk is a list of cells and the time at which the current step ends. Until that time the actor stands on
// its old cell. A new walk starts at the end of the current step. So frequent requests neither slow an actor
// down nor speed it up: two steps of an actor end at least `stepMs` apart.
//
// Walkers wait in a heap that is ordered by the end of their steps. So the cost of `advance` depends on the
// due steps and on the neighbours of those walkers. Standing actors cost nothing.
//
// Two actors see each other if and only if they are within `viewCells`. Sight is mutual, so one event for a
// step serves both sides.

import { type ActorId, AreaIndex, type Placed } from "./area.ts";
import { BinaryHeap } from "./binary-heap.ts";
import { type Cell, distanceCells, type GridMap, type Warp } from "./grid-map.ts";
import { PathFinder } from "./path.ts";

export interface MapWorldOptions {
  readonly map: GridMap;
  readonly stepMs: number;
  readonly viewCells: number;
  readonly pathStepsMax: number;
}

/** Clients must get the events in the order in which they are returned. */
export type WorldEvent =
  /** The actor and each of the others now see each other. Tell both sides. */
  | { readonly type: "met"; readonly actor: Placed; readonly others: readonly Placed[] }
  /** The actor and each of the others no longer see each other. */
  | { readonly type: "parted"; readonly actor: ActorId; readonly others: readonly ActorId[] }
  /**
   * The actor ended a step. `watchers` are the actor itself and all actors that saw it before the step and
   * still see it.
   */
  | {
      readonly type: "moved";
      readonly actor: ActorId;
      readonly x: number;
      readonly y: number;
      readonly path: readonly Cell[];
      readonly walked: number;
      readonly watchers: readonly ActorId[];
    }
  /**
   * The actor began to walk, changed its path, or stopped. `path` holds all cells ahead. `watchers` are the
   * actor itself and all actors that see it.
   */
  | {
      readonly type: "walks";
      readonly actor: Placed;
      readonly path: readonly Cell[];
      readonly watchers: readonly ActorId[];
    }
  /** The actor ended a step on a warp. It stands on the warp until the caller moves it. */
  | { readonly type: "warped"; readonly actor: ActorId; readonly warp: Warp };

export interface Walk {
  /**
   * Number of steps, including the current one. Null in two cases: there is no way, or there is no such
   * actor.
   */
  readonly steps: number | null;
  readonly events: readonly WorldEvent[];
}

export interface Course {
  /** Empty while the actor stands. Only the last cell of the path can be a warp. */
  readonly path: readonly Cell[];
  /** The number of cells of the path that the actor has stepped on. */
  readonly walked: number;
  /** The cell before the last step. Null if the actor took no step since it entered. */
  readonly cameFrom: Cell | null;
}

interface Walker extends Course {
  readonly id: ActorId;
  path: readonly Cell[];
  walked: number;
  cameFrom: Cell | null;
  stepEndMs: number;
  /** True when the actor has stopped or left. The heap then ignores this entry. */
  gone: boolean;
}

/** A new actor can get a cell that is at most this many cells away from the requested cell. */
export const spreadCells = 3;

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
 * Each method with the parameter `nowMs` first carries out all due steps, and returns their events first. If
 * `nowMs` is earlier than the latest time that was passed before, the latest time is used.
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

  get count(): number {
    return this.#area.count;
  }

  get candidatesExamined(): number {
    return this.#area.candidatesExamined;
  }

  ids(): IterableIterator<ActorId> {
    return this.#area.ids();
  }

  /**
   * The cell of the actor. During a step this is the old cell. It becomes the new cell at the first command
   * after the end of the step.
   */
  position(id: ActorId): Cell | undefined {
    return this.#area.cellOf(id);
  }

  /**
   * Returns undefined if the actor stands or is not on the map. Do not keep the course, because the next step
   * changes it.
   */
  courseOf(id: ActorId): Course | undefined {
    return this.#walkers.get(id);
  }

  /** Whether two actors on the map see each other. */
  see(id: ActorId, other: ActorId): boolean {
    const [cell, there] = [this.#area.cellOf(id), this.#area.cellOf(other)];
    return cell !== undefined && there !== undefined && distanceCells(cell, there) <= this.#viewCells;
  }

  /**
   * Puts an actor on the map. If the cell is a wall or outside the map, the actor gets the spawn. This can
   * happen because the map changed since the actor left. In two cases the actor gets the nearest free cell
   * within `spreadCells`, if there is one. 1: the actor got the spawn. 2: `isNew` is true. An actor that
   * enters on a warp stays there. Throws if the actor is already here.
   */
  enter(actor: Placed & { readonly isNew?: boolean }, nowMs: number): readonly WorldEvent[] {
    if (this.#walkers.has(actor.id)) throw new Error(`${actor.id} is already on ${this.map.name}`);
    const events = this.#carryOutSteps(nowMs);
    const isAsAsked = this.map.isWalkable(actor.x, actor.y);
    const asked = isAsAsked ? actor : this.map.spawn;
    const { x, y } = isAsAsked && actor.isNew !== true ? asked : this.#freeNear(asked);
    const others = this.#area.near(x, y).map(snapshot);
    this.#area.place(actor.id, x, y);
    this.#walkers.set(actor.id, standing(actor.id, null));
    if (others.length > 0) events.push({ type: "met", actor: { id: actor.id, x, y }, others });
    return events;
  }

  /**
   * Returns the nearest free cell that an actor can reach without crossing a wall or a warp. Returns `cell`
   * if there is no free cell.
   */
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
   * Starts a walk from the cell at the end of the current step, or from the actor's cell if it stands. If
   * there is no way, the current walk continues. A walk ends at the first warp on its path.
   */
  walk(id: ActorId, to: Cell, nowMs: number): Walk {
    const events = this.#carryOutSteps(nowMs);
    const walker = this.#walkers.get(id);
    const from = this.#area.cellOf(id);
    if (walker === undefined || from === undefined) return { steps: null, events };
    const inProgress = walker.path[walker.walked];
    const found = this.#pathFinder.find(inProgress ?? from, to);
    if (found === null) return { steps: null, events };
    if (inProgress !== undefined) found.unshift(inProgress);
    const warpIndex = found.findIndex(({ x, y }) => this.map.warpAt(x, y) !== undefined);
    walker.path = warpIndex === -1 ? found : found.slice(0, warpIndex + 1);
    walker.walked = 0;
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

  /** Stops the actor on its cell, and cancels its current step. */
  stop(id: ActorId, nowMs: number): readonly WorldEvent[] {
    const events = this.#carryOutSteps(nowMs);
    const walker = this.#walkers.get(id);
    const cell = this.#area.cellOf(id);
    if (walker === undefined || cell === undefined || walker.path.length === 0) return events;
    walker.gone = true;
    this.#walkers.set(id, standing(id, walker.cameFrom));
    events.push({ type: "walks", actor: { id, x: cell.x, y: cell.y }, path: [], watchers: this.say(id) });
    return events;
  }

  leave(id: ActorId): readonly Extract<WorldEvent, { type: "parted" }>[] {
    const walker = this.#walkers.get(id);
    const cell = this.#area.cellOf(id);
    if (walker === undefined || cell === undefined) return [];
    walker.gone = true;
    this.#walkers.delete(id);
    this.#area.remove(id);
    const others = this.#area.near(cell.x, cell.y).map((other) => other.id);
    return others.length > 0 ? [{ type: "parted", actor: id, others }] : [];
  }

  /** Returns the actors that hear this actor: itself, and all actors that see it. */
  say(id: ActorId): readonly ActorId[] {
    const cell = this.#area.cellOf(id);
    return cell === undefined ? [] : this.#area.near(cell.x, cell.y).map((other) => other.id);
  }

  /** Carries out all due steps, sorted by time and then by actor id. */
  advance(nowMs: number): readonly WorldEvent[] {
    return this.#carryOutSteps(nowMs);
  }

  /** Returns the time of the next step. Null if all actors stand. */
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
    const cell = walker.path[walker.walked];
    if (before === undefined || cell === undefined) throw new Error(`${walker.id} walks without a path`);
    this.#area.move(walker.id, cell.x, cell.y);
    walker.walked++;
    walker.cameFrom = before;
    this.#look(walker, before, cell, events);

    const warp = this.map.warpAt(cell.x, cell.y);
    if (warp !== undefined) events.push({ type: "warped", actor: walker.id, warp });
    if (walker.walked === walker.path.length) {
      walker.path = nowhere;
      walker.walked = 0;
      return;
    }
    // The next step begins at the end of this step, even if that time is past. So a late caller does not slow
    // actors down.
    walker.stepEndMs += this.#stepMs;
    this.#steps.push(walker);
  }

  /**
   * Adds the events for actors that come into view or go out of view. `before` and `after` are neighbours. So
   * one query with a reach of one extra cell covers the views from both.
   */
  #look({ id, path, walked }: Walker, before: Cell, after: Cell, events: WorldEvent[]): void {
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
    events.push({ type: "moved", actor: id, x: after.x, y: after.y, path, walked, watchers });
    if (met.length > 0) events.push({ type: "met", actor: { id, x: after.x, y: after.y }, others: met });
  }
}

const nowhere: readonly Cell[] = [];

const standing = (id: ActorId, cameFrom: Cell | null): Walker => ({
  ...{ id, path: nowhere, walked: 0, cameFrom },
  ...{ stepEndMs: 0, gone: false },
});

/** Returns a copy, because the index changes its entries later. */
function snapshot({ id, x, y }: Placed): Placed {
  return { id, x, y };
}
