import type { BrowserPage } from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ServedPage, type TabOptions } from "./served-page.ts";

/* Players in real browsers, at the page that `npm start` serves, on real servers. */

/** If Chromium is missing, the test installs it, which takes a minute. */
const startMs = 300_000;
const password = "correct horse";

let served: ServedPage;
const tabs: BrowserPage[] = [];
beforeAll(async () => {
  served = await ServedPage.start();
}, startMs);
afterAll(() => served.stop());
afterEach(async () => {
  for (const { player, printed } of tabs.splice(0)) {
    await player.close();
    // The browser reports violations of the content security policy, and errors of the page, on its console.
    expect(printed).toEqual([]);
  }
});

async function open(as: TabOptions = {}): Promise<BrowserPage["player"]> {
  const tab = await served.tab(as);
  tabs.push(tab);
  return tab.player;
}

type Player = BrowserPage["player"];

async function register(player: Player, name: string): Promise<void> {
  await player.getByLabel("Name").fill(name);
  await player.getByLabel("Password").fill(password);
  await player.getByRole("button", { name: "Register" }).click();
  await player.getByRole("heading", { name: "Your characters" }).waitFor();
}

async function create(player: Player, name: string): Promise<void> {
  await player.getByLabel("Name of the character").fill(name);
  await player.getByRole("button", { name: "Create" }).click();
  await player.getByText(`${name} is created.`).waitFor();
}

async function play(player: Player, name: string): Promise<void> {
  await player.getByRole("button", { name: `Play ${name}` }).click();
  await player.getByRole("application", { name: "Map" }).waitFor();
}

/** Registers an account and a character of this name, and enters the map. */
async function enter(name: string, as: TabOptions = {}): Promise<Player> {
  const player = await open(as);
  await register(player, name);
  await create(player, name);
  await play(player, name);
  return player;
}

async function logIn(player: Player, name: string): Promise<void> {
  await player.getByRole("button", { name: "I have an account" }).click();
  await player.getByLabel("Name").fill(name);
  await player.getByLabel("Password").fill(password);
  await player.getByRole("button", { name: "Log in" }).click();
  await player.getByRole("heading", { name: "Your characters" }).waitFor();
}

async function placeOf(player: Player): Promise<{ map: string; x: number; y: number }> {
  const [, map = "", x, y] = /(\w+) (\d+),(\d+)/.exec(await player.locator("#place").innerText()) ?? [];
  return { map, x: Number(x), y: Number(y) };
}
const untilAt = (player: Player, x: number, y: number) =>
  player.locator("#place", { hasText: new RegExp(` ${x},${y}$`) }).waitFor();

test("a player registers, makes a character, walks by keys and by a click, and others see it and hear it", async () => {
  const ada = await enter("page_ada");
  const bob = await enter("page_bob");
  await bob.getByText("Near: page_ada").waitFor();
  await ada.getByText("Near: page_bob").waitFor();

  const { x, y } = await placeOf(ada);
  await ada.keyboard.press("ArrowDown");
  await untilAt(ada, x, y + 1);
  await ada.keyboard.press("KeyD");
  await untilAt(ada, x + 1, y + 1);

  const box = await ada.getByRole("application").boundingBox();
  if (box === null) throw new Error("the map has no place on the page");
  const before = await placeOf(ada);
  await ada.mouse.click(box.x + box.width / 2 + 90, box.y + box.height / 2);
  await ada.locator("#place", { hasNotText: new RegExp(` ${before.x},${before.y}$`) }).waitFor();
  expect((await placeOf(ada)).y).toBe(before.y);

  await ada.getByLabel("Say something").fill("hello from a page");
  await ada.getByRole("button", { name: "Say", exact: true }).click();
  await bob.getByRole("log").getByText("page_ada: hello from a page").waitFor();
});

test("a login elsewhere takes over, the page says so, and its button takes the account back", async () => {
  const first = await enter("page_cleo");
  const second = await open();
  await logIn(second, "page_cleo");
  await first.getByRole("heading", { name: "Taken over by another login" }).waitFor();
  await first.getByText("Somebody logged in with this account elsewhere.").waitFor();
  await play(second, "page_cleo");

  await first.getByRole("button", { name: "Play here again" }).click();
  await first.getByRole("application").waitFor();
  await second.getByRole("heading", { name: "Taken over by another login" }).waitFor();
});
