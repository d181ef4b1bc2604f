import { cellKinds } from "@sallyport/map-world";
import { checkLength, type Ground, GroundFileError, headOf } from "./ground.ts";

const magic = "GRAT";
const headBytes = 14;
const cellBytes = 20;
const typeOffset = 16;

/** Both versions have the same cells. */
const versions = ["1.2", "1.3"];

/**
 * Whether players can walk on a cell of the type. 0 is ground, 1 is no ground, 3 is shallow water, 5 is a gap
 * that arrows cross. The Athena servers let players walk on 2, 4 and 6 too, and on no other type.
 */
const isWalkable = [true, false, true, true, true, false, true];

/**
 * Parses a `.gat` file of Ragnarok clients. Byte layout: "GRAT", the version as two bytes, width and height
 * as little-endian u32. Then 20 bytes for each cell, row by row from y = 0: the heights of the four corners
 * as floats, and the type as u32. The coordinates are the same as in the client, with y = 0 in the south.
 */
export function parseGat(bytes: Uint8Array): Ground {
  const head = headOf(bytes, headBytes);
  if (String.fromCharCode(...bytes.subarray(0, magic.length)) !== magic) {
    throw new GroundFileError(`does not begin with ${magic}, as a .gat file does`);
  }
  const version = `${bytes[4]}.${bytes[5]}`;
  if (!versions.includes(version)) {
    throw new GroundFileError(`has the version ${version}; known are ${versions.join(" and ")}`);
  }
  const [width, height] = [head.getUint32(6, true), head.getUint32(10, true)];
  checkLength(bytes, { width, height, headBytes, cellBytes });
  const cells = new Uint8Array(width * height);
  for (let index = 0; index < cells.length; index++) {
    // The Athena servers too read only the low byte of the type.
    const type = head.getUint8(headBytes + index * cellBytes + typeOffset);
    cells[index] = isWalkable[type] ? cellKinds.floor : cellKinds.wall;
  }
  return { width, height, cells };
}
