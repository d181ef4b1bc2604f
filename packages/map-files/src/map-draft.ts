import { isMapName, type Json, type JsonObject } from "@sallyport/domain";
import {
  type Cell,
  cellKinds,
  GridMap,
  type MapObject,
  type Movement,
  type Warp,
} from "@sallyport/map-world";
import { type Ground, openGround } from "./ground/ground.ts";
import { type Problems, quote, quoteUnlessWord, wrong } from "./map-file-error.ts";

export interface DraftObject extends MapObject {
  /** The file and the place in it, for messages. */
  readonly where: string;
}

/** A map as its file says, before its objects are compared with its ground and with each other. */
export interface MapDraft {
  readonly name: string;
  readonly title: string | undefined;
  /** Undefined if the file has no cells. */
  readonly ground: Ground | undefined;
  readonly objects: readonly DraftObject[];
  readonly properties: JsonObject;
  readonly movement: Movement;
  readonly isRoom: boolean;
  readonly isOpen: boolean;
}

/** Maximum number of objects of a map, and of its warp cells. */
const objectsMax = 10_000;

/** The side of a room whose file has no cells. */
const roomSideCells = 16;

/** The server knows spawns, warps and zones. These are classes of games whose objects also need a floor. */
const needsFloor = new Set(["spawn", "warp", "zone", "npc", "monster", "item"]);

/**
 * Makes the map. `where` is the place of problems of the file as a whole. Throws `MapFileError` with these
 * problems and those that `problems` has.
 */
export function finishMap(draft: MapDraft, where: string, problems: Problems): GridMap {
  const { objects, isRoom } = draft;
  const beyond = objects[objectsMax];
  if (beyond !== undefined) throw wrong(beyond.where, `there are more than ${objectsMax} objects`);
  const ground = draft.ground ?? (isRoom ? openGround(roomSideCells, roomSideCells) : undefined);
  if (ground === undefined) throw wrong(where, "there are no cells");
  const { width, height } = ground;
  const cells = Uint8Array.from(ground.cells);
  const check = (object: DraftObject): void => checkPlace(object, { width, height, cells });

  problems.attempt(() => checkUnits(draft.movement, Math.max(width, height), where));
  const kept = objects.filter((object) => !isWarp(object) && !isStart(object));
  for (const object of kept) problems.attempt(() => check(object));

  const warps: Warp[] = [];
  for (const object of objects.filter(isWarp)) {
    problems.attempt(() => {
      const to = targetOf(object);
      if (warps.length + object.width * object.height > objectsMax) {
        throw wrong(object.where, `there are more than ${objectsMax} cells with warps`);
      }
      check(object);
      for (const cell of cellsOf(object)) {
        cells[cell.y * width + cell.x] = cellKinds.warp;
        warps.push({ ...cell, to });
      }
    });
  }

  const [start, second] = objects.filter(isStart);
  problems.attempt(() => {
    if (start !== undefined) check(start);
    if (second !== undefined) throw wrong(second.where, "a second spawn; give one of them a name of its own");
  });
  const middle = { x: width >> 1, y: height >> 1 };
  const isMiddleFloor = cells[middle.y * width + middle.x] === cellKinds.floor;
  const spawn = start ?? (isRoom && isMiddleFloor ? middle : undefined);
  problems.throwIfAny();
  if (spawn === undefined) throw wrong(where, "there is no spawn, where new characters begin");

  return new GridMap({
    name: draft.name,
    title: draft.title ?? draft.name,
    width,
    height,
    cells,
    spawn: { x: spawn.x, y: spawn.y },
    warps,
    objects: kept.map(({ where: _, ...object }) => object),
    properties: draft.properties,
    movement: draft.movement,
    isRoom,
    isOpen: draft.isOpen,
  });
}

const isWarp = (object: MapObject): boolean => object.class === "warp";

/** Spawns with other names are for the game. */
const isStart = (object: MapObject): boolean =>
  object.class === "spawn" && (object.name === "" || object.name === "spawn");

/**
 * Throws `MapFileError` if the object is not on the map, or needs a floor and has none. Spawns and warps need
 * a floor on all their cells, and share none with a warp.
 */
function checkPlace(object: DraftObject, { width, height, cells }: Ground): void {
  const { x, y, where } = object;
  const name = object.name === "" || isWarp(object) || isStart(object) ? "" : ` ${quote(object.name)}`;
  const size = object.width > 1 || object.height > 1 ? ` ${object.width}x${object.height}` : "";
  const what = `the ${quoteUnlessWord(object.class)}${name} ${x},${y}${size}`;
  if (x < 0 || y < 0 || x + object.width > width || y + object.height > height) {
    throw wrong(where, `${what} is outside (${width}x${height})`);
  }
  if (!needsFloor.has(object.class)) return;
  const isWhole = isWarp(object) || isStart(object);
  for (const cell of cellsOf(object)) {
    const kind = cells[cell.y * width + cell.x];
    if (!isWhole && kind !== cellKinds.wall) return;
    const at = size === "" ? "" : `at ${cell.x},${cell.y} `;
    if (isWhole && kind === cellKinds.wall) throw wrong(where, `${what} ${at}is a wall`);
    if (isWhole && kind === cellKinds.warp) throw wrong(where, `${what} ${at}is already a warp`);
  }
  if (!isWhole) throw wrong(where, `${what} is a wall`);
}

function* cellsOf({ x, y, width, height }: MapObject): Generator<Cell> {
  for (let row = y; row < y + height; row++) {
    for (let column = x; column < x + width; column++) yield { x: column, y: row };
  }
}

function targetOf({ where, properties }: DraftObject): Warp["to"] {
  const { to, toX, toY } = properties;
  if (to === undefined) throw wrong(where, '"to" is missing: the name of the map to which the warp leads');
  return { map: mapName(to, where), x: coordinate("toX", toX, where), y: coordinate("toY", toY, where) };
}

function coordinate(name: string, value: Json | undefined, where: string): number {
  if (value === undefined) throw wrong(where, `"${name}" is missing`);
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 9999) return value;
  throw wrong(where, `"${name}" is the number of a cell, and ${written(value)} is not`);
}

/** Throws `MapFileError` if the value is no name for a map. */
export function mapName(value: Json, where: string): string {
  if (typeof value === "string" && isMapName(value)) return value;
  throw wrong(
    where,
    `a map name is 1 to 11 of a-z, 0-9, "_", "@" and "-", a letter or digit first, and ${written(value)} is not`,
  );
}

type MovementProperties = {
  readonly [name in "movement" | "unitsPerCell" | "greatestSpeed"]?: Json | undefined;
};

/** Each side of a map in units. Positions are unsigned 16-bit on the wire. */
const sideUnitsMax = 65_535;
const unitsPerCellMax = 10_000;
const speedMax = 1_000_000;

/** Reads how players move. Throws `MapFileError`. */
export function movementOf(
  { movement = "walked", unitsPerCell, greatestSpeed }: MovementProperties,
  where: string,
): Movement {
  if (movement === "reported") {
    return {
      kind: movement,
      unitsPerCell: count("unitsPerCell", unitsPerCell, unitsPerCellMax, where),
      greatestSpeed: count("greatestSpeed", greatestSpeed, speedMax, where),
    };
  }
  if (movement !== "walked") {
    throw wrong(where, `"movement" is walked or reported, and ${written(movement)} is neither`);
  }
  if (unitsPerCell !== undefined || greatestSpeed !== undefined) {
    throw wrong(where, '"unitsPerCell" and "greatestSpeed" go only with the movement reported');
  }
  return { kind: movement };
}

function checkUnits(movement: Movement, sideCells: number, where: string): void {
  const units = movement.kind === "reported" ? movement.unitsPerCell * sideCells : 0;
  if (units > sideUnitsMax) {
    throw wrong(
      where,
      `the map is ${units} units wide or high, more than ${sideUnitsMax}; lower "unitsPerCell"`,
    );
  }
}

function count(name: string, value: Json | undefined, max: number, where: string): number {
  if (value === undefined) throw wrong(where, `"${name}" is missing, which the movement reported needs`);
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw wrong(where, `"${name}" is a whole number from 1 to ${max}, and ${written(value)} is not`);
}

const written = (value: Json): string => quote(typeof value === "string" ? value : JSON.stringify(value));
