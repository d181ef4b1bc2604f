import { expect, test } from "vitest";
import { HeldKeys } from "../src/held-keys.ts";

test.each([
  [["ArrowUp"], { dx: 0, dy: -1 }],
  [["KeyS", "KeyD"], { dx: 1, dy: 1 }],
  [["KeyW", "ArrowUp"], { dx: 0, dy: -1 }],
  [["ArrowLeft", "ArrowRight"], null],
  [["ArrowLeft", "ArrowRight", "KeyS"], { dx: 0, dy: 1 }],
  [[], null],
])("the keys %j lead to %o", (codes, heading) => {
  const held = new HeldKeys();
  for (const code of codes) expect(held.press(code)).toBe(true);
  expect(held.heading).toEqual(heading);
});

test("a released key counts no longer, and other keys never do", () => {
  const held = new HeldKeys();
  held.press("KeyA");
  expect(held.press("KeyQ")).toBe(false);
  expect(held.release("KeyQ")).toBe(false);
  expect(held.release("KeyA")).toBe(true);
  expect(held.heading).toBeNull();
});
