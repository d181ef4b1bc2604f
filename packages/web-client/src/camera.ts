import type { Cell } from "@sallyport/domain";

/** The part of the map that the canvas shows. All lengths are in pixels of the canvas, unless they say cells. */
export interface Camera {
  /** The place of the map at the upper left corner of the canvas, in cells. */
  readonly left: number;
  readonly top: number;
  readonly tile: number;
  readonly width: number;
  readonly height: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** About this many cells fit along the shorter side. */
const cellsWanted = 11;
const tileMin = 24;
const tileMax = 48;

/**
 * Returns the length of a cell. `scale` is the number of canvas pixels for each pixel of the style sheet, so a
 * cell is never smaller than a finger on any screen.
 */
export function tileFor({ width, height }: Size, scale: number): number {
  const wanted = Math.min(width, height) / scale / cellsWanted;
  return Math.round(Math.min(tileMax, Math.max(tileMin, wanted)) * scale);
}

/** Puts the place into the middle, but shows nothing beyond the edge of a map that fills the canvas. */
export function cameraAt(place: Cell, map: Size, canvas: Size, tile: number): Camera {
  const { width, height } = canvas;
  return {
    left: offset(place.x, map.width, width / tile),
    top: offset(place.y, map.height, height / tile),
    ...{ tile, width, height },
  };
}

function offset(at: number, cells: number, shown: number): number {
  if (cells <= shown) return (cells - shown) / 2;
  return Math.min(Math.max(at + 0.5 - shown / 2, 0), cells - shown);
}

/**
 * Returns the upper left corner of a place in pixels. The camera and the place are rounded apart: so cells that
 * touch leave no line between them.
 */
export const onCanvas = ({ left, top, tile }: Camera, { x, y }: Cell): Cell => ({
  x: Math.round(x * tile) - Math.round(left * tile),
  y: Math.round(y * tile) - Math.round(top * tile),
});

/** Returns the point of the map under a pixel, in cells from the corner of the map. It can be outside the map. */
export const pointUnder = ({ left, top, tile }: Camera, { x, y }: Cell): Cell => ({
  x: left + x / tile,
  y: top + y / tile,
});

export function cellUnder(camera: Camera, pixel: Cell): Cell {
  const { x, y } = pointUnder(camera, pixel);
  return { x: Math.floor(x), y: Math.floor(y) };
}
