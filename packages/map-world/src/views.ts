import { distanceCells } from "@sallyport/domain";
import { type ActorId, AreaIndex, type Placed } from "./area.ts";
import type { Cell, GridMap } from "./grid-map.ts";

/**
 * What an actor's move changed. No list contains the actor itself. Do not keep the entries, because the next
 * move changes them.
 */
export interface ViewChange {
  /** The actors that are no longer in view. */
  readonly parted: readonly ActorId[];
  /** The actors that saw this actor before the move and still see it. */
  readonly watchers: readonly ActorId[];
  /** The actors that came into view. */
  readonly met: readonly Placed[];
}

/**
 * Who sees whom on one map. Players see each other and all other actors. An actor that is no player sees
 * nothing: its moves cost one query for the players near it. In a room all players see everything.
 */
export class Views {
  readonly #viewCells: number;
  readonly #isRoom: boolean;
  readonly #players: AreaIndex;
  readonly #others: AreaIndex;

  constructor({ width, height, isRoom }: GridMap, viewCells: number) {
    this.#viewCells = viewCells;
    this.#isRoom = isRoom;
    this.#players = new AreaIndex({ width, height, viewCells });
    this.#others = new AreaIndex({ width, height, viewCells });
  }

  get candidatesExamined(): number {
    return this.#players.candidatesExamined + this.#others.candidatesExamined;
  }

  cellOf(id: ActorId): Cell | undefined {
    return this.#players.cellOf(id) ?? this.#others.cellOf(id);
  }

  /** Returns the actors that came into view. Do not keep the entries, because the next move changes them. */
  place(id: ActorId, { x, y }: Cell, isPlayer: boolean): readonly Placed[] {
    const met = this.#inViewFrom({ x, y }, isPlayer);
    (isPlayer ? this.#players : this.#others).place(id, x, y);
    return met;
  }

  /** Returns the actors that are no longer in view. */
  remove(id: ActorId): readonly ActorId[] {
    const parted = this.inView(id).filter((other) => other !== id);
    this.#players.remove(id);
    this.#others.remove(id);
    return parted;
  }

  move(id: ActorId, after: Cell): ViewChange {
    const isPlayer = this.#players.has(id);
    const area = isPlayer ? this.#players : this.#others;
    const before = area.cellOf(id) ?? after;
    area.move(id, after.x, after.y);
    const watchers: ActorId[] = [];
    const parted: ActorId[] = [];
    const met: Placed[] = [];
    const look = (others: readonly Placed[], both: ActorId[]): void => {
      for (const other of others) {
        if (other.id === id) continue;
        const saw = this.#isNear(before, other);
        const sees = this.#isNear(after, other);
        if (saw && sees) both.push(other.id);
        else if (saw) parted.push(other.id);
        else if (sees) met.push(other);
      }
    };
    // One query with a longer reach covers the views from both cells.
    const reachCells = this.#viewCells + distanceCells(before, after);
    look(this.#playersNear(after, reachCells), watchers);
    if (isPlayer) look(this.#othersNear(after, reachCells), []);
    return { parted, watchers, met };
  }

  /** Whether two actors on the map are in view of each other. */
  see(id: ActorId, other: ActorId): boolean {
    const [cell, there] = [this.cellOf(id), this.cellOf(other)];
    return cell !== undefined && there !== undefined && this.#isNear(cell, there);
  }

  /** Returns the players that see this actor. A player sees itself. */
  watchersOf(id: ActorId): readonly ActorId[] {
    const cell = this.cellOf(id);
    return cell === undefined ? [] : this.#inViewFrom(cell, false).map(idOf);
  }

  /** Returns the actors that this actor sees or that see it, including itself if it is a player. */
  inView(id: ActorId): readonly ActorId[] {
    const cell = this.cellOf(id);
    return cell === undefined ? [] : this.#inViewFrom(cell, this.#players.has(id)).map(idOf);
  }

  /** Returns the cells of all actors within `reachCells` of a cell, also in a room. */
  near({ x, y }: Cell, reachCells: number): readonly Placed[] {
    return [...this.#players.near(x, y, reachCells), ...this.#others.near(x, y, reachCells)];
  }

  #isNear(cell: Cell, other: Cell): boolean {
    return this.#isRoom || distanceCells(cell, other) <= this.#viewCells;
  }

  #inViewFrom(cell: Cell, isPlayer: boolean): readonly Placed[] {
    const players = this.#playersNear(cell, this.#viewCells);
    return isPlayer ? players.concat(this.#othersNear(cell, this.#viewCells)) : players;
  }

  #playersNear({ x, y }: Cell, reachCells: number): readonly Placed[] {
    return this.#isRoom ? this.#players.all() : this.#players.near(x, y, reachCells);
  }

  #othersNear({ x, y }: Cell, reachCells: number): readonly Placed[] {
    return this.#isRoom ? this.#others.all() : this.#others.near(x, y, reachCells);
  }
}

const idOf = ({ id }: Placed): ActorId => id;
