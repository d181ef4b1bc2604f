import type { ActorId, Cell, Placed } from "@sallyport/map-world";
import type { CallWatch } from "../call-watch.ts";

/** Where everybody is: players and other actors. */
export interface View {
  /** Undefined if the actor is not on the map. */
  cellOf(id: ActorId): Cell | undefined;
  /** All actors within `reachCells` of the cell, in an order that depends on nothing else. */
  near(cell: Cell, reachCells: number): readonly Placed[];
  isWalkable(x: number, y: number): boolean;
}

/** What a call of `MapGame` gets from outside. */
export interface At {
  /** Of a clock that does not jump. */
  readonly nowMs: number;
  /** From 0 up to but not including 1. */
  random(): number;
  readonly view: View;
  readonly calls?: CallWatch | undefined;
}
