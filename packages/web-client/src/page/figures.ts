import type { Picture } from "../pictures.ts";

/* Actors, as the page draws them. Like all art of the page, code draws them. */

export interface Figure {
  readonly charId: number;
  readonly picture: Picture;
  readonly isOwn: boolean;
  /** The phase of the gait from 0 to 1. Null if the figure stands. */
  readonly gait: number | null;
}

type Corner = { readonly x: number; readonly y: number };

/** Draws an actor in a tile with this upper left corner. Each picture has a shape of its own. */
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
  drawings[figure.picture](context, feet, size, figure);
}

type Draw = (context: CanvasRenderingContext2D, feet: Corner, size: number, figure: Figure) => void;

const drawings: Readonly<Record<Picture, Draw>> = {
  player: (context, feet, size, figure) => {
    if (figure.isOwn) {
      context.strokeStyle = "#ffffff";
      context.lineWidth = Math.max(1.5, size / 16);
      ellipse(context, feet.x, feet.y, size * 0.4, size * 0.18);
      context.stroke();
    }
    drawPerson(context, feet, size, figure);
  },
  townsperson: (context, feet, size, figure) => {
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
  chest: (context, { x, y }, size) => {
    const [left, width] = [x - size * 0.3, size * 0.6];
    context.fillStyle = "#8a5a2b";
    context.fillRect(left, y - size * 0.3, width, size * 0.3);
    context.fillStyle = "#a06a35";
    context.beginPath();
    context.roundRect(left, y - size * 0.5, width, size * 0.22, [size * 0.1, size * 0.1, 0, 0]);
    context.fill();
    context.fillStyle = "#4d3016";
    context.fillRect(left, y - size * 0.3, width, size * 0.04);
    context.fillStyle = "#f2c14e";
    for (const band of [-0.24, 0.18])
      context.fillRect(x + size * band, y - size * 0.5, size * 0.06, size * 0.5);
    context.fillRect(x - size * 0.05, y - size * 0.34, size * 0.1, size * 0.12);
  },
  sign: (context, { x, y }, size) => {
    context.fillStyle = "#5d4630";
    context.fillRect(x - size * 0.04, y - size * 0.7, size * 0.08, size * 0.7);
    context.fillStyle = "#c9a06a";
    context.strokeStyle = "#5d4630";
    context.lineWidth = Math.max(1, size / 20);
    context.beginPath();
    context.roundRect(x - size * 0.34, y - size * 0.84, size * 0.68, size * 0.4, size * 0.05);
    context.fill();
    context.stroke();
    context.fillStyle = "#4d3016";
    for (const [line, length] of [
      [0.74, 0.44],
      [0.64, 0.5],
      [0.54, 0.3],
    ] as const)
      context.fillRect(x - size * 0.25, y - size * line, size * length, size * 0.04);
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
