import type { Cell } from "@sallyport/domain";
import { cut, titleOf } from "../belongings.ts";
import { type Camera, cameraAt, cellUnder, onCanvas, pointUnder, tileFor } from "../camera.ts";
import { cellAt, isWalkable, warp } from "../cells.ts";
import type { MapScreen } from "../map-screen.ts";
import { isMoving, type Motion, placeAt } from "../motion.ts";
import { type Picture, pictureOf } from "../pictures.ts";
import { drawSpeech, drawTag, type TileKind, Tiles, variants } from "./art.ts";
import { drawFigure } from "./figures.ts";

const speechCharsMax = 40;
const titleCharsMax = 24;
/** A title is smaller than a name. */
const titleScale = 0.8;

export interface PainterOptions {
  readonly nowMs: () => number;
  /** Whether the player wants as little movement as possible. */
  readonly isCalm: () => boolean;
}

interface Drawn {
  readonly charId: number;
  readonly picture: Picture;
  readonly name: string;
  readonly title: string | null;
  readonly motion: Motion;
  readonly isOwn: boolean;
}

/** Draws the map onto a canvas. Draws only if something has changed or moves. */
export class Painter {
  readonly #canvas: HTMLCanvasElement;
  readonly #options: PainterOptions;
  readonly #observer: ResizeObserver;
  #tiles: { readonly map: string; readonly of: Tiles } | null = null;
  #screen: MapScreen;
  #camera: Camera | null = null;
  #frame: number;
  #isStale = true;

  constructor(canvas: HTMLCanvasElement, screen: MapScreen, options: PainterOptions) {
    this.#canvas = canvas;
    this.#screen = screen;
    this.#options = options;
    this.#observer = new ResizeObserver(() => this.#resize());
    this.#observer.observe(canvas);
    this.#frame = requestAnimationFrame(this.#next);
  }

  show(screen: MapScreen): void {
    if (screen === this.#screen) return;
    this.#screen = screen;
    this.#isStale = true;
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#observer.disconnect();
  }

  /** Returns the point of the map under a point of the window, in cells. Null before the first picture. */
  pointAt({ clientX, clientY }: { readonly clientX: number; readonly clientY: number }): Cell | null {
    if (this.#camera === null) return null;
    const { left, top, width } = this.#canvas.getBoundingClientRect();
    const scale = this.#canvas.width / width;
    return pointUnder(this.#camera, { x: (clientX - left) * scale, y: (clientY - top) * scale });
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.#canvas;
    const scale = window.devicePixelRatio;
    this.#canvas.width = Math.round(clientWidth * scale);
    this.#canvas.height = Math.round(clientHeight * scale);
    // A new size clears the canvas. Drawing at once keeps it from going blank for a frame.
    this.#paint(this.#options.nowMs());
  }

  readonly #next = (): void => {
    this.#frame = requestAnimationFrame(this.#next);
    const nowMs = this.#options.nowMs();
    if (this.#isStale) this.#paint(nowMs);
  };

  /** Whether the next picture will differ although nothing happens. */
  #isLively(nowMs: number): boolean {
    const { motion, actors, speech } = this.#screen;
    return (
      isMoving(motion, nowMs) ||
      [...actors.values()].some((actor) => isMoving(actor.motion, nowMs)) ||
      [...speech.values()].some(({ untilMs }) => nowMs < untilMs)
    );
  }

  #paint(nowMs: number): void {
    const context = this.#canvas.getContext("2d", { alpha: false });
    const { width, height } = this.#canvas;
    if (context === null || width === 0 || height === 0) return;
    const { place, motion, position } = this.#screen;
    const tile = tileFor(this.#canvas, window.devicePixelRatio);
    const camera = cameraAt(this.#placeAt(motion, nowMs), place, this.#canvas, tile);
    this.#camera = camera;
    this.#isStale = this.#isLively(nowMs);
    context.fillStyle = "#10151c";
    context.fillRect(0, 0, width, height);
    this.#paintGround(context, camera, this.#tilesFor(position.map, tile));
    this.#paintActors(context, camera, nowMs);
  }

  #placeAt(motion: Motion, nowMs: number): Cell {
    return this.#options.isCalm() ? motion.to : placeAt(motion, nowMs);
  }

  #tilesFor(map: string, size: number): Tiles {
    if (this.#tiles?.map !== map || this.#tiles.of.size !== size)
      this.#tiles = { map, of: new Tiles(map, size) };
    return this.#tiles.of;
  }

  #paintGround(context: CanvasRenderingContext2D, camera: Camera, tiles: Tiles): void {
    const { place } = this.#screen;
    const first = cellUnder(camera, { x: 0, y: 0 });
    const last = cellUnder(camera, { x: camera.width, y: camera.height });
    for (let y = Math.max(0, first.y); y <= Math.min(place.height - 1, last.y); y += 1) {
      for (let x = Math.max(0, first.x); x <= Math.min(place.width - 1, last.x); x += 1) {
        const at = onCanvas(camera, { x, y });
        const variant = ((x * 73_856_093) ^ (y * 19_349_663)) >>> 0;
        context.drawImage(tiles.tile(this.#kindAt(x, y), variant % variants), at.x, at.y);
      }
    }
  }

  #kindAt(x: number, y: number): TileKind {
    const { place } = this.#screen;
    if (!isWalkable(place, x, y)) return isWalkable(place, x, y + 1) ? "wall-above-floor" : "wall";
    return cellAt(place, x, y) === warp ? "warp" : "floor";
  }

  #paintActors(context: CanvasRenderingContext2D, camera: Camera, nowMs: number): void {
    const { place, motion, actors, speech, character } = this.#screen;
    const { charId, name } = place;
    const own: Drawn = { charId, picture: "player", name, title: titleOf(character), motion, isOwn: true };
    const others = [...actors.values()].map(
      (actor): Drawn => ({ ...actor, picture: pictureOf(actor), title: titleOf(actor.shown), isOwn: false }),
    );
    const placed = [...others, own]
      .map((actor) => ({ actor, at: onCanvas(camera, this.#placeAt(actor.motion, nowMs)) }))
      .sort((a, b) => a.at.y - b.at.y);
    const { tile } = camera;
    for (const { actor, at } of placed) {
      const { charId, picture, isOwn } = actor;
      const isWalking = isMoving(actor.motion, nowMs) && !this.#options.isCalm();
      drawFigure(context, at, tile, { charId, picture, isOwn, gait: isWalking ? (nowMs / 400) % 1 : null });
    }
    // All names are above all figures.
    const pixels = Math.max(11 * window.devicePixelRatio, tile * 0.34);
    for (const { actor, at } of placed) {
      const lowest = { x: at.x + tile / 2, y: at.y - tile * 0.12 };
      const { title } = actor;
      if (title !== null) drawTag(context, cut(title, titleCharsMax), lowest, pixels * titleScale, false);
      const above = title === null ? lowest : { x: lowest.x, y: lowest.y - pixels * titleScale * 1.15 };
      drawTag(context, actor.isOwn ? `▾ ${actor.name}` : actor.name, above, pixels, actor.isOwn);
      const said = speech.get(actor.charId as never);
      if (said === undefined || nowMs >= said.untilMs) continue;
      const text = cut(said.text, speechCharsMax);
      drawSpeech(context, text, { x: above.x, y: above.y - pixels * 1.3 }, pixels);
    }
  }
}
