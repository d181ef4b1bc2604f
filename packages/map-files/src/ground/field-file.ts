import { cellKinds } from "@sallyport/map-world";
import { checkLength, type Ground, headOf } from "./ground.ts";

const headBytes = 4;
const isWalkableBit = 1;

/**
 * Parses a `.fld2` file of OpenKore. The file has width and height as little-endian u16, then one byte for
 * each cell, row by row from y = 0. A cell is walkable if bit 0 is set. The coordinates are the same as in
 * OpenKore.
 */
export function parseField(bytes: Uint8Array): Ground {
  const head = headOf(bytes, headBytes);
  const [width, height] = [head.getUint16(0, true), head.getUint16(2, true)];
  checkLength(bytes, { width, height, headBytes, cellBytes: 1 });
  const cells = bytes
    .subarray(headBytes)
    .map((cell) => ((cell & isWalkableBit) === 0 ? cellKinds.wall : cellKinds.floor));
  return { width, height, cells };
}
