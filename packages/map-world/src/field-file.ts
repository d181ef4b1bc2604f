import { cellKinds, sideCellsMax, sideCellsMin } from "./grid-map.ts";

export interface Field {
  readonly width: number;
  readonly height: number;
  readonly cells: Uint8Array;
}

export class FieldFileError extends Error {
  override readonly name = "FieldFileError";
}

const headerBytes = 4;
const isWalkableBit = 1;

/**
 * Parses a `.fld2` file of OpenKore. The file has width and height as little-endian u16, then one byte for
 * each cell, row by row from y = 0. A cell is walkable if bit 0 is set. The coordinates are the same as in
 * OpenKore.
 */
export function parseField(bytes: Uint8Array): Field {
  if (bytes.length < headerBytes) throw new FieldFileError("is too short for a field file");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = view.getUint16(0, true);
  const height = view.getUint16(2, true);
  for (const side of [width, height]) {
    if (side < sideCellsMin || side > sideCellsMax) {
      throw new FieldFileError(`says it is ${width}x${height}; a side is ${sideCellsMin} to ${sideCellsMax}`);
    }
  }
  if (bytes.length !== headerBytes + width * height) {
    throw new FieldFileError(
      `is ${width}x${height} and so ${headerBytes + width * height} bytes long, not ${bytes.length}`,
    );
  }
  const cells = bytes
    .subarray(headerBytes)
    .map((cell) => ((cell & isWalkableBit) === 0 ? cellKinds.wall : cellKinds.floor));
  return { width, height, cells };
}
