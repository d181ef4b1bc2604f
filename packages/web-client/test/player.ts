import type { BrowserPage } from "@sallyport/testkit";
import { expect } from "vitest";

/* What a player does on the page. The tests find everything as a screen reader does: by role and name. */

export type Player = BrowserPage["player"];

export const password = "correct horse";

export async function register(player: Player, name: string): Promise<void> {
  await player.getByLabel("Name").fill(name);
  await player.getByLabel("Password").fill(password);
  await player.getByRole("button", { name: "Register" }).click();
  await player.getByRole("heading", { name: "Your characters" }).waitFor();
}

export async function create(player: Player, name: string): Promise<void> {
  await player.getByLabel("Name of the character").fill(name);
  await player.getByRole("button", { name: "Create" }).click();
  await player.getByText(`${name} is created.`).waitFor();
}

export async function play(player: Player, name: string): Promise<void> {
  await player.getByRole("button", { name: `Play ${name}` }).click();
  await player.getByRole("application", { name: "Map" }).waitFor();
}

/** Registers an account and a character of this name, and enters the map. */
export async function enter(player: Player, name: string): Promise<Player> {
  await register(player, name);
  await create(player, name);
  await play(player, name);
  return player;
}

export async function logIn(player: Player, name: string): Promise<void> {
  await player.getByRole("button", { name: "I have an account" }).click();
  await player.getByLabel("Name").fill(name);
  await player.getByLabel("Password").fill(password);
  await player.getByRole("button", { name: "Log in" }).click();
  await player.getByRole("heading", { name: "Your characters" }).waitFor();
}

export interface Place {
  readonly map: string;
  readonly x: number;
  readonly y: number;
}

export async function placeOf(player: Player): Promise<Place> {
  const [, map = "", x, y] = /(\w+) (\d+),(\d+)/.exec(await player.locator("#place").innerText()) ?? [];
  return { map, x: Number(x), y: Number(y) };
}

export const untilAt = (player: Player, map: string, x: number, y: number) =>
  player.locator("#place", { hasText: new RegExp(`^${map} ${x},${y}$`) }).waitFor();

/**
 * Holds a key until the character is where it should be. The character can go on for some cells, because a busy
 * browser notices late that the key is released.
 */
export async function walkUntil(
  player: Player,
  key: string,
  isThere: (place: Place) => boolean,
): Promise<void> {
  await player.keyboard.down(key);
  await expect.poll(async () => isThere(await placeOf(player)), { timeout: 60_000 }).toBe(true);
  await player.keyboard.up(key);
}

/** Clicks on the cell that lies this far from the own figure, which must stand in the middle of the picture. */
export async function clickBeside(player: Player, dx: number, dy: number): Promise<void> {
  const box = await player.getByRole("application").boundingBox();
  if (box === null) throw new Error("the map has no place on the page");
  const cell = Math.min(48, Math.max(24, Math.round(Math.min(box.width, box.height) / 11)));
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  await player.mouse.click(middle.x + dx * cell, middle.y + dy * cell);
}

/** These lines are about a lost connection, and about a test that reads the canvas. */
const expected = ["WebSocket connection to ", "Canvas2D: "];

/** The browser reports violations of the content security policy, and errors of the page, on its console. */
export function expectQuiet({ printed }: BrowserPage): void {
  const others = printed.filter((line) => !expected.some((start) => line.startsWith(start)));
  expect(others).toEqual([]);
}
