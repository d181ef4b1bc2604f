import type { JsonObject } from "@sallyport/domain";

export interface Cell {
  readonly x: number;
  readonly y: number;
}

/** A position in the units of the map that is named: in cells, unless clients report their positions there. */
export interface WarpTarget extends Cell {
  readonly map: string;
}

/** If an actor ends a step on this cell, the actor moves to another place. */
export interface Warp extends Cell {
  readonly to: WarpTarget;
}

/** Each cell has one of these byte values, both in memory and on the wire to clients. */
export const cellKinds = { floor: 0, wall: 1, warp: 2 } as const;

/** Bounds for the width and the height of a map, in cells. Ragnarok clients have 10 bits for a coordinate. */
export const sideCellsMin = 8;
export const sideCellsMax = 1024;

/** A thing or an area that the author of the map placed for the code of the game. */
export interface MapObject extends Cell {
  /** Can be empty. Several objects can have the same name. */
  readonly name: string;
  /** What it is: "zone", "npc", "monster", or any other word of the game. */
  readonly class: string;
  /** In cells, at least 1. `x,y` is its north-west cell. The object is on the map with all its cells. */
  readonly width: number;
  readonly height: number;
  readonly properties: JsonObject;
}

/**
 * How players move. 1: they walk from cell to cell, and the server does the walking. 2: clients report where
 * they are. Positions are then in units; `greatestSpeed` is in units per second.
 */
export type Movement =
  | { readonly kind: "walked" }
  | { readonly kind: "reported"; readonly unitsPerCell: number; readonly greatestSpeed: number };

export interface GridMapFields {
  readonly name: string;
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly cells: Uint8Array;
  readonly spawn: Cell;
  readonly warps: readonly Warp[];
  /** By default there are none. */
  readonly objects?: readonly MapObject[];
  /** By default there are none. */
  readonly properties?: JsonObject;
  /** By default players walk. */
  readonly movement?: Movement;
  /** By default it is no room. */
  readonly isRoom?: boolean;
  /** By default it is not open. */
  readonly isOpen?: boolean;
}

/** The ground of one map. It never changes, so several worlds can share it. */
export class GridMap implements GridMapFields {
  readonly name: string;
  /** The title that players read. If the file has no title, this is the name of the map. */
  readonly title: string;
  readonly width: number;
  readonly height: number;
  /** One byte for each cell, row by row from the north-west corner: see `cellKinds`. */
  readonly cells: Uint8Array;
  readonly spawn: Cell;
  readonly warps: readonly Warp[];
  /** Everything that is placed on the map, zones included, except for the spawn and the warps. */
  readonly objects: readonly MapObject[];
  /** The properties of the map itself, for the code of the game. */
  readonly properties: JsonObject;
  readonly movement: Movement;
  /** In a room all players see and hear each other, wherever they are. */
  readonly isRoom: boolean;
  /** A player may come to an open room from any map, without a way that leads there. */
  readonly isOpen: boolean;
  readonly #warpsByIndex: ReadonlyMap<number, Warp>;

  constructor(fields: GridMapFields) {
    this.name = fields.name;
    this.title = fields.title;
    this.width = fields.width;
    this.height = fields.height;
    this.cells = fields.cells;
    this.spawn = fields.spawn;
    this.warps = fields.warps;
    this.objects = fields.objects ?? [];
    this.properties = fields.properties ?? {};
    this.movement = fields.movement ?? { kind: "walked" };
    this.isRoom = fields.isRoom ?? false;
    this.isOpen = fields.isOpen ?? false;
    this.#warpsByIndex = new Map(fields.warps.map((warp) => [warp.y * fields.width + warp.x, warp]));
  }

  /** Returns the same map with other warps. */
  withWarps(warps: readonly Warp[]): GridMap {
    const { name, title, width, height, cells, spawn, objects, properties, movement, isRoom, isOpen } = this;
    const ground = { width, height, cells, spawn };
    return new GridMap({ name, title, ...ground, warps, objects, properties, movement, isRoom, isOpen });
  }

  /** Returns false for a cell outside the map. So coordinates from a client need no other check. */
  isWalkable(x: number, y: number): boolean {
    return isWithin(x, y, this) && this.cells[y * this.width + x] !== cellKinds.wall;
  }

  warpAt(x: number, y: number): Warp | undefined {
    return isWithin(x, y, this) ? this.#warpsByIndex.get(y * this.width + x) : undefined;
  }
}

/** Whether these are whole numbers from 0 to below the width and the height. */
export const isWithin = (
  x: number,
  y: number,
  { width, height }: Pick<GridMap, "width" | "height">,
): boolean => Number.isInteger(x) && Number.isInteger(y) && x >= 0 && y >= 0 && x < width && y < height;
