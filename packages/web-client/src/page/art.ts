import type { ActorKind } from "@sallyport/domain";

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

export interface Figure {
  readonly charId: number;
  readonly kind: ActorKind;
  readonly isOwn: boolean;
  /** The phase of the gait from 0 to 1. Null if the figure stands. */
  readonly gait: number | null;
}

type Corner = { readonly x: number; readonly y: number };

/** Draws an actor in a tile with this upper left corner. Each kind has a shape of its own. */
export function drawFigure(
  context: CanvasRenderingContext2D,
  corner: Corner,
  size: number,
  figure: Figure,
): void {
  const feet = { x: corner.x + size / 2, y: corner.y + size * 0.86 };
  context.fillStyle = "rgb(0 0 0 / 35%)";
  ellipse(context, feet.x, feet.y, size * 0.3, size * 0.12);
  context.fill();
  drawings[figure.kind](context, feet, size, figure);
}

type Draw = (context: CanvasRenderingContext2D, feet: Corner, size: number, figure: Figure) => void;

const drawings: Readonly<Record<ActorKind, Draw>> = {
  player: (context, feet, size, figure) => {
    if (figure.isOwn) {
      context.strokeStyle = "#ffffff";
      context.lineWidth = Math.max(1.5, size / 16);
      ellipse(context, feet.x, feet.y, size * 0.4, size * 0.18);
      context.stroke();
    }
    drawPerson(context, feet, size, figure);
  },
  npc: (context, feet, size, figure) => {
    drawPerson(context, feet, size, figure);
    // A hat with a wide brim tells a townsperson from a player.
    context.fillStyle = "#6b4423";
    ellipse(context, feet.x, feet.y - size * 0.86, size * 0.3, size * 0.07);
    context.fill();
    context.fillRect(feet.x - size * 0.14, feet.y - size * 1.06, size * 0.28, size * 0.2);
  },
  monster: (context, { x, y }, size, { charId, gait }) => {
    const swing = gait === null ? 0 : Math.sin(gait * Math.PI * 4) * size * 0.05;
    context.strokeStyle = "#5a1f16";
    context.lineWidth = Math.max(1.5, size / 14);
    context.beginPath();
    for (const leg of [-0.3, -0.15, 0.15, 0.3]) {
      context.moveTo(x + size * leg * 0.6, y - size * 0.2);
      context.lineTo(x + size * leg * 1.3 + swing * Math.sign(leg), y);
    }
    context.stroke();
    context.fillStyle = `hsl(${(charId * 47) % 50} 65% 45%)`;
    ellipse(context, x, y - size * 0.26, size * 0.3, size * 0.2);
    context.fill();
    context.fillStyle = "#ffffff";
    for (const side of [-1, 1]) {
      ellipse(context, x + side * size * 0.11, y - size * 0.42, size * 0.07, size * 0.08);
      context.fill();
    }
    context.fillStyle = "#10151c";
    for (const side of [-1, 1]) {
      ellipse(context, x + side * size * 0.11, y - size * 0.41, size * 0.03, size * 0.04);
      context.fill();
    }
  },
  item: (context, { x, y }, size) => {
    context.fillStyle = "#f2c14e";
    context.strokeStyle = "#6b4423";
    context.lineWidth = Math.max(1, size / 20);
    context.beginPath();
    context.moveTo(x - size * 0.2, y);
    context.quadraticCurveTo(x - size * 0.28, y - size * 0.28, x, y - size * 0.32);
    context.quadraticCurveTo(x + size * 0.28, y - size * 0.28, x + size * 0.2, y);
    context.closePath();
    context.fill();
    context.stroke();
    context.beginPath();
    for (const rib of [-0.1, 0, 0.1]) {
      context.moveTo(x + size * rib, y);
      context.lineTo(x + size * rib * 0.6, y - size * 0.28);
    }
    context.stroke();
  },
};

const drawPerson: Draw = (context, { x: middle, y: feet }, size, { charId, gait }) => {
  const hue = (charId * 137) % 360;
  const swing = gait === null ? 0 : Math.sin(gait * Math.PI * 2) * size * 0.09;
  const lift = gait === null ? 0 : Math.abs(Math.sin(gait * Math.PI * 2)) * size * 0.05;
  context.fillStyle = "#3a3144";
  context.fillRect(middle - size * 0.15, feet - size * 0.24 + Math.min(0, swing), size * 0.12, size * 0.24);
  context.fillRect(middle + size * 0.03, feet - size * 0.24 - Math.max(0, swing), size * 0.12, size * 0.24);
  context.fillStyle = `hsl(${hue} 55% 45%)`;
  context.fillRect(middle - size * 0.21, feet - size * 0.6 - lift, size * 0.42, size * 0.4);
  context.fillStyle = `hsl(${hue} 55% 33%)`;
  context.fillRect(middle - size * 0.21, feet - size * 0.28 - lift, size * 0.42, size * 0.06);
  context.fillStyle = "#f0c8a0";
  ellipse(context, middle, feet - size * 0.76 - lift, size * 0.2, size * 0.2);
  context.fill();
  context.fillStyle = `hsl(${(hue + 200) % 360} 35% 25%)`;
  context.beginPath();
  context.arc(middle, feet - size * 0.8 - lift, size * 0.21, Math.PI, Math.PI * 2);
  context.fill();
};

function ellipse(context: CanvasRenderingContext2D, x: number, y: number, rx: number, ry: number): void {
  context.beginPath();
  context.ellipse(x, y, rx, ry, 0, 0, Math.PI * 2);
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
