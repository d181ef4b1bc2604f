/* The art of the page. Code draws all of it, so the page loads no pictures. */

interface Palette {
  readonly floor: readonly [string, string, string];
  readonly wall: {
    readonly top: string;
    readonly edge: string;
    readonly face: string;
    readonly seam: string;
  };
  readonly walls: "blocks" | "trees";
}

const quay: Palette = {
  floor: ["#c9b79a", "#bda987", "#d4c4aa"],
  wall: { top: "#7d8796", edge: "#a3adbb", face: "#545d6b", seam: "#454d59" },
  walls: "blocks",
};
const woods: Palette = {
  floor: ["#7fa65a", "#719a4d", "#94b86e"],
  wall: { top: "#2f6b3c", edge: "#4d8f55", face: "#5d4630", seam: "#24542f" },
  walls: "trees",
};
const sand: Palette = {
  floor: ["#dcc48a", "#d0b678", "#e7d3a1"],
  wall: { top: "#a0764a", edge: "#c19a69", face: "#74522f", seam: "#5f4325" },
  walls: "blocks",
};
const named: ReadonlyMap<string, Palette> = new Map([
  ["harbour", quay],
  ["forest", woods],
  ["lighthouse", sand],
]);
const others = [quay, woods, sand];

function paletteOf(map: string): Palette {
  const sum = [...map].reduce((total, letter) => total + (letter.codePointAt(0) ?? 0), 0);
  return named.get(map) ?? others[sum % others.length] ?? quay;
}

/** Number of different pictures of one kind of tile. */
export const variants = 8;

export type TileKind = "floor" | "wall" | "wall-above-floor" | "warp";

/** Draws tiles once for each size and map, because a frame shows hundreds of them. */
export class Tiles {
  readonly size: number;
  readonly #palette: Palette;
  readonly #drawn = new Map<string, HTMLCanvasElement>();

  constructor(map: string, size: number) {
    this.size = size;
    this.#palette = paletteOf(map);
  }

  tile(kind: TileKind, variant: number): HTMLCanvasElement {
    const key = `${kind} ${variant}`;
    const known = this.#drawn.get(key);
    if (known !== undefined) return known;
    const canvas = document.createElement("canvas");
    canvas.width = this.size;
    canvas.height = this.size;
    const context = canvas.getContext("2d");
    if (context !== null) this.#draw(context, kind, dice(variant));
    this.#drawn.set(key, canvas);
    return canvas;
  }

  #draw(context: CanvasRenderingContext2D, kind: TileKind, next: () => number): void {
    drawFloor(context, this.size, this.#palette, next);
    if (kind === "warp") drawWarp(context, this.size);
    if (kind === "wall" || kind === "wall-above-floor") {
      const draw = this.#palette.walls === "trees" ? drawTree : drawBlock;
      draw(context, this.size, this.#palette, kind === "wall-above-floor", next);
    }
  }
}

/** Returns numbers from 0 to 1, always the same ones for a seed. */
function dice(seed: number): () => number {
  let state = seed * 2_654_435_761 + 1;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 1) | 0;
    return (state >>> 8) / 2 ** 24;
  };
}

function drawFloor(
  context: CanvasRenderingContext2D,
  size: number,
  { floor, walls }: Palette,
  next: () => number,
): void {
  const [base, dark, light] = floor;
  context.fillStyle = base;
  context.fillRect(0, 0, size, size);
  const grain = Math.max(1, Math.round(size / 16));
  if (walls === "blocks") {
    // Slabs of stone, some of them lighter.
    context.fillStyle = next() < 0.3 ? light : base;
    context.fillRect(0, 0, size - grain, size - grain);
    context.fillStyle = dark;
    context.fillRect(0, size - grain, size, grain);
    context.fillRect(size - grain, 0, grain, size);
  }
  for (let index = 0; index < 5; index += 1) {
    context.fillStyle = next() < 0.5 ? dark : light;
    context.fillRect(grain * Math.floor(next() * 14), grain * Math.floor(next() * 14), grain * 2, grain);
  }
}

function drawBlock(
  context: CanvasRenderingContext2D,
  size: number,
  { wall }: Palette,
  hasFace: boolean,
  next: () => number,
): void {
  const rim = Math.max(1, Math.round(size / 12));
  const top = hasFace ? Math.round(size * 0.5) : size;
  context.fillStyle = wall.top;
  context.fillRect(0, 0, size, top);
  context.fillStyle = wall.edge;
  context.fillRect(rim * Math.floor(next() * 9), rim * Math.floor(next() * 4), rim * 2, rim);
  if (!hasFace) return;
  context.fillRect(0, top - rim, size, rim);
  context.fillStyle = wall.face;
  context.fillRect(0, top, size, size - top);
  context.fillStyle = wall.seam;
  const course = Math.round((size - top) / 3);
  for (let row = 0; row < 3; row += 1) {
    const y = top + row * course;
    context.fillRect(0, y, size, 1);
    for (let x = (row % 2) * (size / 4); x < size; x += size / 2) context.fillRect(x, y, 1, course);
  }
}

function drawTree(
  context: CanvasRenderingContext2D,
  size: number,
  { wall }: Palette,
  hasTrunk: boolean,
  next: () => number,
): void {
  context.fillStyle = wall.seam;
  context.fillRect(0, 0, size, hasTrunk ? size * 0.5 : size);
  if (hasTrunk) {
    context.fillStyle = wall.face;
    context.fillRect(size * 0.42, size * 0.5, size * 0.16, size * 0.4);
  }
  for (const colour of [wall.top, wall.top, wall.edge]) {
    const radius = size * (colour === wall.edge ? 0.2 : 0.34);
    context.fillStyle = colour;
    context.beginPath();
    context.arc(size * (0.35 + next() * 0.3), size * (0.3 + next() * 0.2), radius, 0, Math.PI * 2);
    context.fill();
  }
}

/** Rings and an arrow, so that a warp does not differ from the floor in its colour alone. */
function drawWarp(context: CanvasRenderingContext2D, size: number): void {
  const middle = size / 2;
  context.lineWidth = Math.max(1, size / 14);
  for (const [part, colour] of [
    [0.44, "#2b4f9e"],
    [0.3, "#8fb8ff"],
  ] as const) {
    context.strokeStyle = colour;
    context.beginPath();
    context.arc(middle, middle, size * part, 0, Math.PI * 2);
    context.stroke();
  }
  context.fillStyle = "#ffffff";
  context.beginPath();
  context.moveTo(middle, size * 0.32);
  context.lineTo(size * 0.64, size * 0.58);
  context.lineTo(size * 0.36, size * 0.58);
  context.fill();
}

/** Draws a text that is readable on any ground. */
export function drawTag(
  context: CanvasRenderingContext2D,
  text: string,
  { x, y }: { readonly x: number; readonly y: number },
  pixels: number,
  isBold: boolean,
): void {
  context.font = `${isBold ? "bold " : ""}${pixels}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "bottom";
  context.lineWidth = pixels / 4;
  context.lineJoin = "round";
  context.strokeStyle = "#10151c";
  context.strokeText(text, x, y);
  context.fillStyle = "#ffffff";
  context.fillText(text, x, y);
}

export function drawSpeech(
  context: CanvasRenderingContext2D,
  text: string,
  { x, y }: { readonly x: number; readonly y: number },
  pixels: number,
): void {
  context.font = `${pixels}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const width = context.measureText(text).width + pixels;
  const height = pixels * 1.6;
  context.fillStyle = "#ffffff";
  context.strokeStyle = "#10151c";
  context.lineWidth = Math.max(1, pixels / 10);
  context.beginPath();
  context.roundRect(x - width / 2, y - height, width, height, pixels / 2);
  context.fill();
  context.stroke();
  context.fillStyle = "#10151c";
  context.fillText(text, x, y - height / 2);
}
