import { sideCellsMax, sideCellsMin } from "@sallyport/map-world";

/** The cells of a map before its warps are on them: floors and walls, one byte for each cell. */
export interface Ground {
  readonly width: number;
  readonly height: number;
  readonly cells: Uint8Array;
}

/** A ground file that is not valid. The message goes on after the name of the file. */
export class GroundFileError extends Error {
  override readonly name = "GroundFileError";
}

export const isSide = (cells: number): boolean => cells >= sideCellsMin && cells <= sideCellsMax;

export const openGround = (width: number, height: number): Ground => ({
  width,
  height,
  cells: new Uint8Array(width * height),
});

/** Checks what the head of a ground file says. Throws `GroundFileError`. */
export function checkLength(
  bytes: Uint8Array,
  { width, height, headBytes, cellBytes }: Record<"width" | "height" | "headBytes" | "cellBytes", number>,
): void {
  if (!isSide(width) || !isSide(height)) {
    throw new GroundFileError(`says it is ${width}x${height}; a side is ${sideCellsMin} to ${sideCellsMax}`);
  }
  const expected = headBytes + cellBytes * width * height;
  if (bytes.length !== expected) {
    throw new GroundFileError(`is ${width}x${height} and so ${expected} bytes long, not ${bytes.length}`);
  }
}

/** Reads the unsigned numbers of the head. Throws `GroundFileError` if the file is shorter than its head. */
export function headOf(bytes: Uint8Array, headBytes: number): DataView {
  if (bytes.length < headBytes) throw new GroundFileError("is too short for a file of cells");
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
