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
// Two players see each other if and only if they are within `viewCells`, or in a room. Sight is mutual, so one
// event for a step serves both sides. An actor that is no player is seen in the same way, and sees nothing.
//
// On a map whose clients report their positions, a report changes the position at once. Others are shown the
// newest position of each player, once in a round.

import type { ActorId, Placed } from "./area.ts";
import { BinaryHeap } from "./binary-heap.ts";
import { freeCellNear } from "./free-cell.ts";
import type { Cell, GridMap, Warp } from "./grid-map.ts";
import { type Ground, groundOf } from "./ground.ts";
import { decideReport, neverReported, type Reported, type ReportRefusal } from "./reports.ts";
import { Views } from "./views.ts";
import type { WorldEvent } from "./world-event.ts";

export interface MapWorldOptions {
  readonly map: GridMap;
  readonly stepMs: number;
  readonly viewCells: number;
  readonly pathStepsMax: number;
}

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

export interface Report {
  /** Null if the report is accepted. */
  readonly refused: ReportRefusal | "not-reported" | null;
  readonly retryAfterMs?: number;
  readonly events: readonly WorldEvent[];
}

export interface Entering extends Placed {
  /** True if the actor was on no map before. */
  readonly isNew?: boolean;
  /** False if the actor sees nothing. */
  readonly isPlayer?: boolean;
}

interface Walker extends Course {
  readonly id: ActorId;
  readonly isPlayer: boolean;
  /** The position in the units of the map. */
  at: Cell;
  /** What watchers know. It differs from `at` only between a report and the next round. */
  shownAt: Cell;
  reported: Reported;
  path: readonly Cell[];
  walked: number;
  cameFrom: Cell | null;
  stepEndMs: number;
  /** True when the actor has stopped or left. The heap then ignores this entry. */
  gone: boolean;
}

type Met = Extract<WorldEvent, { type: "met" }>;
type Parted = Extract<WorldEvent, { type: "parted" }>;

/** The shortest time between two moments at which the reports of players are shown to others. */
export const roundMs = 50;

/**
 * Each method with the parameter `nowMs` first carries out all due steps, and returns their events first. If
 * `nowMs` is earlier than the latest time that was passed before, the latest time is used.
 */
export class MapWorld {
  readonly map: GridMap;
  readonly #stepMs: number;
  readonly #views: Views;
  readonly #ground: Ground;
  readonly #walkers = new Map<ActorId, Walker>();
  readonly #steps = new BinaryHeap<Walker>((a, b) =>
    a.stepEndMs === b.stepEndMs ? a.id < b.id : a.stepEndMs < b.stepEndMs,
  );
  /** The players whose newest position is not shown yet. */
  readonly #reporting = new Set<Walker>();
  #showReportsMs = Number.NEGATIVE_INFINITY;
  #nowMs = Number.NEGATIVE_INFINITY;

  constructor({ map, stepMs, viewCells, pathStepsMax }: MapWorldOptions) {
    if (!(stepMs > 0)) throw new RangeError(`stepMs is more than 0, not ${stepMs}`);
    if (!Number.isInteger(viewCells) || viewCells < 1) {
      throw new RangeError(`viewCells is a whole number from 1, not ${viewCells}`);
    }
    this.map = map;
    this.#stepMs = stepMs;
    this.#views = new Views(map, viewCells);
    this.#ground = groundOf(map, pathStepsMax);
  }

  get count(): number {
    return this.#walkers.size;
  }

  get candidatesExamined(): number {
    return this.#views.candidatesExamined;
  }

  ids(): IterableIterator<ActorId> {
    return this.#walkers.keys();
  }

  /**
   * The position of the actor, in the units of the map. During a step this is the old position. It becomes
   * the new one at the first command after the end of the step.
   */
  position(id: ActorId): Cell | undefined {
    return this.#walkers.get(id)?.at;
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
    return this.#views.see(id, other);
  }

  /** Returns all actors within `reachCells` of a cell, with their cells, in the order of their ids. */
  near(cell: Cell, reachCells: number): readonly Placed[] {
    const near = this.#views.near(cell, reachCells).map(({ id, x, y }) => ({ id, x, y }));
    return near.sort((a, b) => a.id - b.id);
  }

  /** The cell of a position, which is in the units of the map. */
  cellOf(position: Cell): Cell {
    return this.#ground.cellOf(position);
  }

  /** The position in the middle of a cell, in the units of the map. */
  middleOf(cell: Cell): Cell {
    return this.#ground.middleOf(cell);
  }

  /**
   * Puts an actor on the map. If the position is a wall or outside the map, the actor gets the spawn. This
   * can happen because the map changed since the actor left. In two cases the actor gets the nearest free
   * cell within `spreadCells`, if there is one. 1: the actor got the spawn. 2: `isNew` is true. An actor that
   * enters on a warp stays there. The actor enters at the latest time that was passed. Throws if the actor is
   * already here.
   */
  enter({ id, x, y, isNew = false, isPlayer = true }: Entering): readonly Met[] {
    if (this.#walkers.has(id)) throw new Error(`${id} is already on ${this.map.name}`);
    const at = this.#placeFor({ x, y }, isNew);
    const others = this.#views
      .place(id, this.#ground.cellOf(at), isPlayer)
      .map((other) => this.#placed(other));
    const reported = neverReported(at, this.#nowMs);
    this.#walkers.set(id, standing({ id, isPlayer, at, reported, cameFrom: null }));
    return others.length > 0 ? [{ type: "met", actor: { id, ...at }, others }] : [];
  }

  #placeFor({ x, y }: Cell, isNew: boolean): Cell {
    const { cellOf, middleOf, isPlace } = this.#ground;
    const isAsAsked = isPlace({ x, y });
    if (isAsAsked && !isNew) return { x, y };
    const asked = isAsAsked ? cellOf({ x, y }) : this.map.spawn;
    const free = freeCellNear(this.map, asked, (reachCells) => this.#views.near(asked, reachCells));
    return isAsAsked && free.x === asked.x && free.y === asked.y ? { x, y } : middleOf(free);
  }

  /**
   * Starts a walk from the cell at the end of the current step, or from the actor's cell if it stands. If
   * there is no way, the current walk continues. A walk ends at the first warp on its path.
   */
  walk(id: ActorId, to: Cell, nowMs: number): Walk {
    const events = this.#carryOutSteps(nowMs);
    const walker = this.#walkers.get(id);
    if (walker === undefined) return { steps: null, events };
    const inProgress = walker.path[walker.walked];
    const found = this.#ground.pathTo(inProgress ?? walker.at, to);
    if (found === null) return { steps: null, events };
    if (inProgress !== undefined) found.unshift(inProgress);
    const warpIndex = found.findIndex((position) => this.#warpAt(position) !== undefined);
    walker.path = warpIndex === -1 ? found : found.slice(0, warpIndex + 1);
    walker.walked = 0;
    if (inProgress === undefined && walker.path.length > 0) {
      walker.stepEndMs = this.#nowMs + this.#stepMs;
      this.#steps.push(walker);
    }
    if (walker.path.length > 0) {
      events.push({ type: "walks", actor: { id, ...walker.at }, path: walker.path, watchers: this.say(id) });
    }
    return { steps: walker.path.length, events };
  }

  /** Stops the actor where it is, and cancels its current step. */
  stop(id: ActorId, nowMs: number): readonly WorldEvent[] {
    const events = this.#carryOutSteps(nowMs);
    const walker = this.#walkers.get(id);
    if (walker === undefined || walker.path.length === 0) return events;
    this.#halt(walker);
    events.push({ type: "walks", actor: { id, ...walker.at }, path: [], watchers: this.say(id) });
    return events;
  }

  /** Takes the position that the client of a player reports. Others are shown it in the next round. */
  report(id: ActorId, to: Cell, nowMs: number): Report {
    const events = this.#carryOutSteps(nowMs);
    const bounds = this.#ground.reports;
    const walker = this.#walkers.get(id);
    if (bounds === null || walker === undefined) return { refused: "not-reported", events };
    const decision = decideReport({ ...walker.reported, ...walker.at }, this.#nowMs, to, bounds);
    walker.reported = decision.next;
    if (!decision.ok) {
      const { refusal: refused, retryAfterMs } = decision;
      return { refused, events, ...(retryAfterMs !== undefined && { retryAfterMs }) };
    }
    const reporter = walker.path.length > 0 ? this.#halt(walker) : walker;
    reporter.at = { x: to.x, y: to.y };
    if (this.#reporting.size === 0) this.#showReportsMs = Math.max(this.#showReportsMs, this.#nowMs);
    this.#reporting.add(reporter);
    return { refused: null, events };
  }

  leave(id: ActorId): readonly Parted[] {
    const walker = this.#walkers.get(id);
    if (walker === undefined) return [];
    walker.gone = true;
    this.#walkers.delete(id);
    this.#reporting.delete(walker);
    const others = this.#views.remove(id);
    return others.length > 0 ? [{ type: "parted", actor: id, others }] : [];
  }

  /** Returns the players that hear this actor: all players that see it, and itself if it is a player. */
  say(id: ActorId): readonly ActorId[] {
    return this.#views.watchersOf(id);
  }

  /** Returns all actors that this player sees, and itself. */
  inView(id: ActorId): readonly ActorId[] {
    return this.#views.inView(id);
  }

  /** Carries out all due steps, sorted by time and then by actor id. */
  advance(nowMs: number): readonly WorldEvent[] {
    return this.#carryOutSteps(nowMs);
  }

  /** Returns the time of the next step, or of the next showing of reports. Null if there is neither. */
  nextStepMs(): number | null {
    let next = this.#steps.peek();
    while (next?.gone) {
      this.#steps.pop();
      next = this.#steps.peek();
    }
    const stepMs = next?.stepEndMs ?? Number.POSITIVE_INFINITY;
    if (this.#reporting.size > 0) return Math.min(stepMs, this.#showReportsMs);
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
    if (this.#reporting.size > 0 && this.#showReportsMs <= this.#nowMs) this.#showReports(events);
    return events;
  }

  #endStep(walker: Walker, events: WorldEvent[]): void {
    const to = walker.path[walker.walked];
    if (to === undefined) throw new Error(`${walker.id} walks without a path`);
    walker.cameFrom = walker.at;
    walker.walked++;
    walker.at = to;
    walker.shownAt = to;
    this.#move(walker, walker.isPlayer ? [walker.id] : [], events);
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

  /** Each report looks like a walk of one step. Its client knows the position, so it gets no event. */
  #showReports(events: WorldEvent[]): void {
    for (const walker of this.#reporting) {
      const path = [walker.at];
      const actor = { id: walker.id, ...walker.shownAt };
      walker.cameFrom = walker.shownAt;
      walker.shownAt = walker.at;
      walker.path = path;
      walker.walked = 1;
      this.#move(walker, [], events, { type: "walks", actor, path });
      walker.path = nowhere;
      walker.walked = 0;
    }
    this.#reporting.clear();
    this.#showReportsMs = this.#nowMs + roundMs;
  }

  /** Adds the events of a move to `walker.at`. */
  #move(
    { id, at, path, walked, cameFrom }: Walker,
    self: readonly ActorId[],
    events: WorldEvent[],
    begins: Omit<Extract<WorldEvent, { type: "walks" }>, "watchers"> | null = null,
  ): void {
    const cell = this.#ground.cellOf(at);
    const seen = this.#views.move(id, cell);
    const watchers = [...self, ...seen.watchers];
    if (seen.parted.length > 0) events.push({ type: "parted", actor: id, others: seen.parted });
    if (begins !== null && watchers.length > 0) events.push({ ...begins, watchers });
    const before = this.#ground.cellOf(cameFrom ?? at);
    const isWithinCell = before.x === cell.x && before.y === cell.y;
    const moved = { type: "moved", actor: id, ...at, path, walked, watchers } as const;
    events.push(isWithinCell ? { ...moved, isWithinCell } : moved);
    if (seen.met.length > 0) {
      const others = seen.met.map((other) => this.#placed(other));
      events.push({ type: "met", actor: { id, ...at }, others });
    }
    const warp = this.#warpAt(at);
    if (warp !== undefined && !isWithinCell) events.push({ type: "warped", actor: id, warp });
  }

  #halt(walker: Walker): Walker {
    walker.gone = true;
    const halted = standing(walker);
    this.#walkers.set(walker.id, halted);
    return halted;
  }

  #warpAt(position: Cell): Warp | undefined {
    const { x, y } = this.#ground.cellOf(position);
    return this.map.warpAt(x, y);
  }

  /** Returns a copy with the position in the units of the map. `Views` knows cells, and changes its entries. */
  #placed({ id, x, y }: Placed): Placed {
    const at = this.#ground.reports === null ? undefined : this.#walkers.get(id)?.at;
    return { id, x: at?.x ?? x, y: at?.y ?? y };
  }
}

const nowhere: readonly Cell[] = [];

const standing = ({
  id,
  isPlayer,
  at,
  reported,
  cameFrom,
}: Pick<Walker, "id" | "isPlayer" | "at" | "reported" | "cameFrom">): Walker => ({
  ...{ id, isPlayer, at, shownAt: at, reported, cameFrom },
  ...{ path: nowhere, walked: 0, stepEndMs: 0, gone: false },
});
