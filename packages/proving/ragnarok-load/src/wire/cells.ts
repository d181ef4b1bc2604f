/** Cells as clients count them: `y` grows to the north. */
export interface Cell {
  readonly x: number;
  readonly y: number;
}

export interface Move {
  readonly from: Cell;
  readonly to: Cell;
}

export const cellsApart = (a: Cell, b: Cell): number => Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y));

/** Writes three bytes: 10 bits of x, 10 bits of y and 4 bits of direction. The high bits come first. */
export function writeCell(bytes: Buffer, at: number, { x, y }: Cell, direction = 0): void {
  bytes.writeUIntBE(x * 2 ** 14 + y * 2 ** 4 + direction, at, 3);
}

export function readCell(bytes: Buffer, at: number): Cell & { readonly direction: number } {
  const bits = bytes.readUIntBE(at, 3);
  return { x: bits >>> 14, y: (bits >>> 4) & 0x3ff, direction: bits & 0xf };
}

/** Five bytes hold four coordinates in 10 bits each. The sixth byte holds the positions within the cells. */
export function readMove(bytes: Buffer, at: number): Move {
  const from = bytes.readUIntBE(at, 3);
  const to = bytes.readUIntBE(at + 2, 3);
  return {
    from: { x: from >>> 14, y: (from >>> 4) & 0x3ff },
    to: { x: (to >>> 10) & 0x3ff, y: to & 0x3ff },
  };
}

/** A walk goes diagonally as long as it can, and then straight. */
function cellAfter({ from, to }: Move, steps: number): Cell {
  const towards = (start: number, end: number): number =>
    start + Math.sign(end - start) * Math.min(steps, Math.abs(end - start));
  return { x: towards(from.x, to.x), y: towards(from.y, to.y) };
}

/** The cell that a character reaches after this many steps if there are no walls. */
export const cellOnWay = (move: Move, steps: number): Cell => cellAfter(move, Math.floor(steps));

/** Returns the cell that is `cells` steps ahead. A straight way may be too long for one walk request. */
export const cellAhead = (from: Cell, to: Cell, cells: number): Cell => cellAfter({ from, to }, cells);
