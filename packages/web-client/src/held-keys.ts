import type { Heading } from "./map-screen.ts";

const directions: ReadonlyMap<string, Heading> = new Map([
  ["ArrowUp", { dx: 0, dy: -1 }],
  ["ArrowDown", { dx: 0, dy: 1 }],
  ["ArrowLeft", { dx: -1, dy: 0 }],
  ["ArrowRight", { dx: 1, dy: 0 }],
  ["KeyW", { dx: 0, dy: -1 }],
  ["KeyS", { dx: 0, dy: 1 }],
  ["KeyA", { dx: -1, dy: 0 }],
  ["KeyD", { dx: 1, dy: 0 }],
]);

/** Follows which walking keys are held. Keys are named by their place on the keyboard, so WASD fit any layout. */
export class HeldKeys {
  readonly #held = new Set<string>();

  /** Returns whether the key is one for walking. */
  press(code: string): boolean {
    if (directions.has(code)) this.#held.add(code);
    return directions.has(code);
  }

  release(code: string): boolean {
    return this.#held.delete(code);
  }

  releaseAll(): void {
    this.#held.clear();
  }

  /** Opposite keys cancel each other out. */
  get heading(): Heading | null {
    let [dx, dy] = [0, 0];
    for (const code of this.#held) {
      dx += directions.get(code)?.dx ?? 0;
      dy += directions.get(code)?.dy ?? 0;
    }
    return dx === 0 && dy === 0 ? null : { dx: Math.sign(dx), dy: Math.sign(dy) };
  }
}
