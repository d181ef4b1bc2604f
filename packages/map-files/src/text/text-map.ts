import type { JsonObject } from "@sallyport/domain";
import { type Cell, type GridMap, type Movement, sideCellsMax, sideCellsMin } from "@sallyport/map-world";
import { type Ground, isSide, openGround } from "../ground/ground.ts";
import { noFiles, type ReadBeside, readGround } from "../ground/ground-file.ts";
import { type DraftObject, finishMap, mapName, movementOf } from "../map-draft.ts";
import { Problems, quote, wrong } from "../map-file-error.ts";
import { parseDrawnCells } from "./drawn-cells.ts";
import { propertiesOf, textOf, wordsOf } from "./words.ts";

interface Header {
  name?: string;
  title?: string;
  movement?: Movement;
  room?: "yes" | "no" | "open";
  properties?: JsonObject;
  /** The cells from a "size:" or "cells:" line. */
  ground?: Ground;
  readonly objects: DraftObject[];
}

interface Line {
  readonly value: string;
  /** The file and the number of the line, for messages. */
  readonly where: string;
  readonly readBeside: ReadBeside;
}

/** What each line of the header does. A line that may be given once has to leave something in `header[key]`. */
const lineKinds = {
  name: (header, { value, where }) => {
    header.name = mapName(value, where);
  },
  title: (header, { value }) => {
    header.title = value;
  },
  spawn: (header, { value, where }) => {
    header.objects.push(point("spawn", parseCell(value, where), {}, where));
  },
  warp: (header, { value, where }) => {
    header.objects.push(parseWarp(value, where));
  },
  object: (header, { value, where }) => {
    header.objects.push(parseObject(value, where));
  },
  size: (header, { value, where }) => {
    header.ground = parseSize(value, where);
  },
  cells: (header, { value, where, readBeside }) => {
    header.ground = readGround(value, readBeside, where);
  },
  movement: (header, { value, where }) => {
    const [movement = "", ...words] = wordsOf(value, where);
    const { unitsPerCell, greatestSpeed, ...others } = propertiesOf(words, where);
    const [other] = Object.keys(others);
    if (other !== undefined) throw wrong(where, `"movement:" has no property ${quote(other)}`);
    header.movement = movementOf({ movement, unitsPerCell, greatestSpeed }, where);
  },
  room: (header, { value, where }) => {
    if (value !== "yes" && value !== "no" && value !== "open")
      throw wrong(where, `"room:" is yes, open or no, and ${quote(value)} is none of them`);
    header.room = value;
  },
  properties: (header, { value, where }) => {
    header.properties = propertiesOf(wordsOf(value, where), where);
  },
} as const satisfies Record<string, (header: Header, line: Line) => void>;
type Key = keyof typeof lineKinds;

/** These lines may be given any number of times. */
const repeated: readonly Key[] = ["warp", "object"];

/**
 * Parses a `.map` file. docs/maps.md describes the format. Throws `MapFileError`, whose messages begin with
 * `source`.
 */
export function parseTextMap(text: string, source: string, readBeside: ReadBeside = noFiles): GridMap {
  const at = (line: number): string => `${source}:${line}`;
  const problems = new Problems();
  const lines = text.split(/\r?\n/);
  const blankLine = lines.indexOf("");
  const headerLines = blankLine === -1 ? lines.length : blankLine;

  const header: Header = { objects: [] };
  const given = new Set<string>();
  for (const [index, line] of lines.slice(0, headerLines).entries()) {
    problems.attempt(() => readLine(line, { header, given, where: at(index + 1), readBeside }));
  }
  problems.throwIfAny();
  if (header.name === undefined) throw wrong(at(headerLines + 1), 'the header has no "name:"');
  const isRoom = header.room === "yes" || header.room === "open";
  if (!given.has("spawn") && !isRoom && !header.objects.some((object) => object.class === "spawn")) {
    throw wrong(at(headerLines + 1), 'the header has no "spawn:"');
  }

  const drawnLine = lines.findIndex((line, index) => index > headerLines && line !== "");
  if (header.ground !== undefined && drawnLine !== -1) {
    throw wrong(at(drawnLine + 1), 'cells are drawn, and "size:" or "cells:" is given too');
  }
  const isDrawn = header.ground === undefined && !(isRoom && drawnLine === -1);
  if (isDrawn && blankLine === -1) {
    throw wrong(at(lines.length), "there is no blank line between the header and the cells");
  }
  return finishMap(
    {
      name: header.name,
      title: header.title,
      ground: isDrawn ? parseDrawnCells(lines, headerLines + 1, source) : header.ground,
      objects: header.objects,
      properties: header.properties ?? {},
      movement: header.movement ?? { kind: "walked" },
      isRoom,
      isOpen: header.room === "open",
    },
    at(headerLines + 1),
    problems,
  );
}

interface Reading {
  readonly header: Header;
  readonly given: Set<string>;
  readonly where: string;
  readonly readBeside: ReadBeside;
}

function readLine(text: string, { header, given, where, readBeside }: Reading): void {
  const colon = text.indexOf(":");
  const key = text.slice(0, Math.max(colon, 0)).trim();
  const value = text.slice(colon + 1).trim();
  if (!isKey(key)) {
    const keys = Object.keys(lineKinds).map((each) => `"${each}:"`);
    throw wrong(where, `expected ${keys.join(", ")} or a blank line, found ${quote(text)}`);
  }
  if (value === "") throw wrong(where, `"${key}:" is empty`);
  const isGround = key === "size" || key === "cells";
  const once = isGround ? "ground" : key;
  if (given.has(once)) {
    throw wrong(where, `${isGround ? '"size:" or "cells:"' : `"${key}:"`} is given twice`);
  }
  if (!repeated.includes(key)) given.add(once);
  lineKinds[key](header, { value, where, readBeside });
}

const isKey = (key: string): key is Key => Object.hasOwn(lineKinds, key);

const point = (objectClass: string, cell: Cell, properties: JsonObject, where: string): DraftObject => ({
  name: "",
  class: objectClass,
  ...cell,
  width: 1,
  height: 1,
  properties,
  where,
});

function parseCell(text: string, where: string): Cell {
  const match = /^(\d{1,4})\s*,\s*(\d{1,4})$/.exec(text);
  if (match === null) throw wrong(where, `expected a cell like 12,30, found ${quote(text)}`);
  return { x: Number(match[1]), y: Number(match[2]) };
}

function parseWarp(text: string, where: string): DraftObject {
  const [, from, map, to] = /^(\S+)\s*->\s*([^\s:]+):(\S+)$/.exec(text) ?? [];
  if (from === undefined || map === undefined || to === undefined) {
    throw wrong(where, `expected a warp like 12,30 -> forest:5,6, found ${quote(text)}`);
  }
  const { x: toX, y: toY } = parseCell(to, where);
  return point("warp", parseCell(from, where), { to: mapName(map, where), toX, toY }, where);
}

/** Parses `class name x,y widthxheight property=value ...`. The name, the size and the properties may be missing. */
function parseObject(text: string, where: string): DraftObject {
  const [objectClass = "", ...rest] = wordsOf(text, where);
  const isNamed = !/^\d+,\d+$/.test(rest[0] ?? "");
  const name = isNamed ? textOf(rest.shift() ?? "", where) : "";
  const cell = rest.shift();
  if (cell === undefined) {
    throw wrong(where, `expected an object like npc Mara 12,30 level=3, found ${quote(text)}`);
  }
  const size = /^(\d{1,4})x(\d{1,4})$/.exec(rest[0] ?? "");
  if (size !== null) rest.shift();
  const [width, height] = [Number(size?.[1] ?? 1), Number(size?.[2] ?? 1)];
  if (width === 0 || height === 0)
    throw wrong(where, `an object has at least 1x1 cells, not ${width}x${height}`);
  return {
    ...point(textOf(objectClass, where), parseCell(cell, where), propertiesOf(rest, where), where),
    name,
    width,
    height,
  };
}

function parseSize(text: string, where: string): Ground {
  const match = /^(\d{1,4})\s*x\s*(\d{1,4})$/.exec(text);
  const [width, height] = [Number(match?.[1]), Number(match?.[2])];
  if (isSide(width) && isSide(height)) return openGround(width, height);
  throw wrong(
    where,
    `expected a size like 312x392, ${sideCellsMin} to ${sideCellsMax}, found ${quote(text)}`,
  );
}
