import { isMapName } from "@sallyport/domain";
import { type Field, FieldFileError, parseField } from "./field-file.ts";
import { type Cell, cellKinds, GridMap, sideCellsMax, sideCellsMin, type Warp } from "./grid-map.ts";

export class MapFormatError extends Error {
  override readonly name = "MapFormatError";
  readonly source: string;
  /** The number of the line. The first line is 1. */
  readonly line: number;
  readonly problem: string;

  constructor(source: string, line: number, problem: string) {
    super(`${source}:${line}: ${problem}`);
    this.source = source;
    this.line = line;
    this.problem = problem;
  }
}

type Fail = (line: number, problem: string) => MapFormatError;

interface Header {
  name: string | undefined;
  title: string | undefined;
  spawn: { readonly cell: Cell; readonly line: number } | undefined;
  /** The cells from a "size:" or "cells:" line. Undefined if the file draws its cells. */
  ground: Field | undefined;
  readonly warps: { readonly warp: Warp; readonly line: number }[];
}

const warpPattern = /^(\S+)\s*->\s*([^\s:]+):(\S+)$/;

/** Reads a file that is in the same folder as the map file. Throws if the file cannot be read. */
export type ReadBeside = (file: string) => Uint8Array;

/**
 * Parses a `.map` file. docs/maps.md describes the format. Throws `MapFormatError`, whose message begins with
 * `source`.
 */
export function parseMap(text: string, source: string, readBeside: ReadBeside = noFiles): GridMap {
  const fail: Fail = (line, problem) => new MapFormatError(source, line, problem);
  const lines = text.split(/\r?\n/);
  const blankLine = lines.indexOf("");
  const headerLines = blankLine === -1 ? lines.length : blankLine;

  const header = parseHeader(lines.slice(0, headerLines), readBeside, fail);
  if (header.name === undefined) throw fail(headerLines + 1, 'the header has no "name:"');
  if (header.spawn === undefined) throw fail(headerLines + 1, 'the header has no "spawn:"');

  const drawnLine = lines.findIndex((line, index) => index > headerLines && line !== "");
  if (header.ground !== undefined && drawnLine !== -1) {
    throw fail(drawnLine + 1, 'cells are drawn, and "size:" or "cells:" is given too');
  }
  if (header.ground === undefined && blankLine === -1) {
    throw fail(lines.length, "there is no blank line between the header and the cells");
  }
  const { width, height, cells } = header.ground ?? parseCells(lines, headerLines + 1, fail);
  const onFloor = (cell: Cell, line: number, what: string): void => {
    const place = `${what} ${cell.x},${cell.y}`;
    if (cell.x >= width || cell.y >= height) throw fail(line, `${place} is outside (${width}x${height})`);
    const kind = cells[cell.y * width + cell.x];
    if (kind === cellKinds.wall) throw fail(line, `${place} is a wall`);
    if (kind === cellKinds.warp) throw fail(line, `${place} is already a warp`);
  };
  for (const { warp, line } of header.warps) {
    onFloor(warp, line, "the warp");
    cells[warp.y * width + warp.x] = cellKinds.warp;
  }
  onFloor(header.spawn.cell, header.spawn.line, "the spawn");

  return new GridMap({
    name: header.name,
    title: header.title ?? header.name,
    width,
    height,
    cells,
    spawn: header.spawn.cell,
    warps: header.warps.map(({ warp }) => warp),
  });
}

const headerKeys = ["name", "title", "spawn", "warp", "size", "cells"] as const;
type HeaderKey = (typeof headerKeys)[number];

const isHeaderKey = (key: string): key is HeaderKey => headerKeys.includes(key as HeaderKey);

function parseHeader(lines: readonly string[], readBeside: ReadBeside, fail: Fail): Header {
  const header: Header = {
    name: undefined,
    title: undefined,
    spawn: undefined,
    ground: undefined,
    warps: [],
  };
  for (const [index, text] of lines.entries()) {
    const line = index + 1;
    const colon = text.indexOf(":");
    const key = text.slice(0, Math.max(colon, 0)).trim();
    const value = text.slice(colon + 1).trim();
    if (!isHeaderKey(key)) {
      const keys = headerKeys.map((each) => `"${each}:"`).join(", ");
      throw fail(line, `expected ${keys} or a blank line, found ${quote(text)}`);
    }
    if (value === "") throw fail(line, `"${key}:" is empty`);
    if (key === "warp") {
      header.warps.push({ warp: parseWarp(value, line, fail), line });
      continue;
    }
    if (key === "size" || key === "cells") {
      if (header.ground !== undefined) throw fail(line, '"size:" or "cells:" is given twice');
      header.ground =
        key === "size" ? parseSize(value, line, fail) : readField(value, readBeside, line, fail);
      continue;
    }
    if (header[key] !== undefined) throw fail(line, `"${key}:" is given twice`);
    if (key === "spawn") header.spawn = { cell: parseCell(value, line, fail), line };
    else if (key === "name") header.name = parseName(value, line, fail);
    else header.title = value;
  }
  return header;
}

function parseName(text: string, line: number, fail: Fail): string {
  if (isMapName(text)) return text;
  throw fail(
    line,
    `a map name is 1 to 11 of a-z, 0-9, "_", "@" and "-", a letter or digit first, and ${quote(text)} is not`,
  );
}

function parseCell(text: string, line: number, fail: Fail): Cell {
  const match = /^(\d{1,4})\s*,\s*(\d{1,4})$/.exec(text);
  if (match === null) throw fail(line, `expected a cell like 12,30, found ${quote(text)}`);
  return { x: Number(match[1]), y: Number(match[2]) };
}

function parseWarp(text: string, line: number, fail: Fail): Warp {
  const [, from, map, to] = warpPattern.exec(text) ?? [];
  if (from === undefined || map === undefined || to === undefined) {
    throw fail(line, `expected a warp like 12,30 -> forest:5,6, found ${quote(text)}`);
  }
  const target = { map: parseName(map, line, fail), ...parseCell(to, line, fail) };
  return { ...parseCell(from, line, fail), to: target };
}

const isSide = (cells: number): boolean => cells >= sideCellsMin && cells <= sideCellsMax;

function parseSize(text: string, line: number, fail: Fail): Field {
  const match = /^(\d{1,4})\s*x\s*(\d{1,4})$/.exec(text);
  const [width, height] = [Number(match?.[1]), Number(match?.[2])];
  if (!isSide(width) || !isSide(height)) {
    throw fail(
      line,
      `expected a size like 312x392, ${sideCellsMin} to ${sideCellsMax}, found ${quote(text)}`,
    );
  }
  return { width, height, cells: new Uint8Array(width * height) };
}

function readField(file: string, readBeside: ReadBeside, line: number, fail: Fail): Field {
  if (/[/\\]/.test(file))
    throw fail(line, `expected the name of a file in the same folder, found ${quote(file)}`);
  try {
    return parseField(readBeside(file));
  } catch (error) {
    const why = error instanceof FieldFileError ? error.message : `cannot be read (${describe(error)})`;
    throw fail(line, `${quote(file)} ${why}`);
  }
}

const describe = (error: unknown): string =>
  (error as { readonly code?: string }).code ?? (error instanceof Error ? error.message : String(error));

const noFiles: ReadBeside = () => {
  throw new Error("there are no files beside it");
};

/** Parses the drawn cells. `start` is the index of the first line after the header, counted from 0. */
function parseCells(lines: readonly string[], start: number, fail: Fail) {
  let end = lines.length;
  while (end > start && lines[end - 1] === "") end--;
  const height = end - start;
  const width = lines[start]?.length ?? 0;
  if (height < sideCellsMin || height > sideCellsMax) {
    throw fail(end, `a map has ${sideCellsMin} to ${sideCellsMax} rows of cells, this one has ${height}`);
  }
  if (width < sideCellsMin || width > sideCellsMax) {
    throw fail(start + 1, `a row has ${sideCellsMin} to ${sideCellsMax} cells, this one has ${width}`);
  }
  const cells = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = lines[start + y] ?? "";
    if (row.length !== width) {
      throw fail(start + y + 1, `this row has ${row.length} cells, the first has ${width}`);
    }
    for (let x = 0; x < width; x++) {
      if (row[x] === "#") cells[y * width + x] = cellKinds.wall;
      else if (row[x] !== ".") {
        throw fail(start + y + 1, `a cell is "#" or ".", and ${quote(row[x] ?? "")} at x ${x} is not`);
      }
    }
  }
  return { width, height, cells };
}

/** Shortens the text, because a binary file can have very long lines. */
function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
