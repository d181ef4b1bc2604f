import { fileURLToPath } from "node:url";
import { type BrowserPage, type TestDatabase, testDatabase } from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { enter, expectQuiet, type Player, placeOf, untilAt } from "./player.ts";
import { ServedPage, type TabOptions } from "./served-page.ts";

/* Players in real browsers, in the sample world on real servers. */

const startMs = 300_000;
const game = fileURLToPath(new URL("../../sample-world/src/game.ts", import.meta.url));

let database: TestDatabase;
let served: ServedPage;
const tabs: BrowserPage[] = [];
beforeAll(async () => {
  database = await testDatabase();
  served = await ServedPage.start({ GAME: game, DATABASE_URL: database.url });
}, startMs);
afterAll(async () => {
  await served.stop();
  await database.drop();
});
afterEach(async () => {
  for (const tab of tabs.splice(0)) {
    await tab.player.close();
    expectQuiet(tab);
  }
});

async function join(name: string, as: TabOptions = {}): Promise<Player> {
  const tab = await served.tab(as);
  tabs.push(tab);
  return enter(tab.player, name);
}

const buttonOf = (player: Player, name: string) => player.getByRole("button", { name, exact: true }).first();
const untilSays = (player: Player, text: string) => player.getByRole("dialog").getByText(text).waitFor();
const untilLogs = (player: Player, text: string) => player.getByRole("log").getByText(text).first().waitFor();
const close = (player: Player) => player.getByRole("dialog").getByRole("button", { name: "Close" }).click();
const focused = (player: Player): Promise<unknown> =>
  player.evaluate(
    "document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent",
  );
/** Waits until the panel has exactly this line. */
const untilHas = (player: Player, line: string) =>
  player.getByRole("list", { name: "What you have" }).getByText(line, { exact: true }).waitFor();

/** Walks one cell at a time until one coordinate has this value. */
async function walkAlong(player: Player, axis: "x" | "y", value: number): Promise<void> {
  const [more, less] = axis === "x" ? ["ArrowRight", "ArrowLeft"] : ["ArrowDown", "ArrowUp"];
  await player.getByRole("application").focus();
  for (;;) {
    const place = await placeOf(player);
    if (place[axis] === value) return;
    const to = { ...place, [axis]: place[axis] + Math.sign(value - place[axis]) };
    await player.keyboard.press(to[axis] > place[axis] ? more : less);
    await untilAt(player, to.map, to.x, to.y);
  }
}
const walkToColumn = (player: Player, column: number): Promise<void> => walkAlong(player, "x", column);
const walkToRow = (player: Player, row: number): Promise<void> => walkAlong(player, "y", row);

/** From the row of the stall. In this column the way to the beach is straight, and ends at a wall. */
async function walkToBeach(player: Player): Promise<void> {
  await walkToColumn(player, 42);
  await player.keyboard.down("ArrowDown");
  await untilAt(player, "harbour", 42, 57);
  await player.keyboard.up("ArrowDown");
}

/** From anywhere on the beach. Its third row has no rocks, and its first row leads to the way up. */
async function walkToMara(player: Player): Promise<void> {
  if ((await placeOf(player)).y !== 57) {
    await walkToRow(player, 59);
    await walkToColumn(player, 43);
    await walkToRow(player, 57);
  }
  await walkToColumn(player, 42);
  await walkToRow(player, 39);
}

test("two players meet Mara, count as visitors, buy, use, open the chest once each, and Mara thanks for shells with a title", async () => {
  const ada = await join("game_ada");
  await buttonOf(ada, "Talk to Mara").waitFor();
  await untilHas(ada, "Gold: 20");
  const bob = await join("game_bob");
  await buttonOf(bob, "Talk to Mara").waitFor();

  // The sign counts visitors of the whole world.
  await untilLogs(ada, "A new visitor came. The sign has now counted 2 visitors.");
  await buttonOf(ada, "Read Sign").click();
  await untilSays(ada, "Visitors so far: 2");
  await close(ada);

  await buttonOf(ada, "Talk to Mara").click();
  await untilSays(ada, "Hello game_ada. I would love a necklace.");
  await buttonOf(ada, "1. Yes, gladly.").click();
  await untilSays(ada, "Thank you! Look on the beach.");
  await close(ada);
  await untilHas(ada, "Quest: bring shells to Mara");
  await untilHas(bob, "Quest: none yet");

  await buttonOf(ada, "Talk to Tobin").click();
  await buttonOf(ada, "Buy Rope").click();
  await untilLogs(ada, "You bought 1 × Rope.");
  await close(ada);
  await untilHas(ada, "Rope × 1");
  await untilHas(ada, "Gold: 15");
  await buttonOf(ada, "Use Rope").click();
  for (const player of [ada, bob])
    await untilLogs(player, "game_ada ties a boat to the quay. The knot holds.");
  await untilHas(ada, "Bag: empty");

  for (const player of [ada, bob]) {
    await walkToBeach(player);
    await buttonOf(player, "Open Old chest").click();
    await untilSays(player, "The lid creaks. 15 gold");
    await close(player);
    await untilLogs(player, "You found 15 gold.");
  }
  await untilHas(ada, "Gold: 30");
  await untilHas(bob, "Gold: 35");
  await buttonOf(ada, "Open Old chest").click();
  await untilSays(ada, "Empty. You have been here before.");
  await close(ada);
  await untilHas(ada, "Gold: 30");

  for (const shells of [1, 2, 3]) {
    await buttonOf(ada, "Pick up Shell").click();
    await untilHas(ada, `Shells × ${shells}`);
  }
  await walkToMara(ada);
  await buttonOf(ada, "Talk to Mara").click();
  await buttonOf(ada, "1. They are.").click();
  await untilSays(ada, "How they shine!");
  await close(ada);
  for (const line of ["Gold: 60", "Title: Friend of the harbour", "Bag: empty"]) await untilHas(ada, line);
}, 120_000);

test("what the game shows is reached by one key, read by its name, and fits a phone in German", async () => {
  const player = await join("game_cleo", { viewport: { width: 375, height: 667 } });
  await buttonOf(player, "Talk to Tobin").click();
  await buttonOf(player, "Buy Lantern").click();
  await untilHas(player, "Lantern × 1");
  await player.keyboard.press("Escape");
  await player.keyboard.press("i");
  expect(await focused(player)).toBe("What you have");
  await player.keyboard.press("Tab");
  expect(await focused(player)).toBe("Use Lantern");
  await player.keyboard.press("Enter");
  await untilLogs(player, "game_cleo lights a lantern.");
  // A lantern is not used up, and the focus stays.
  await untilHas(player, "Lantern × 1");
  expect(await focused(player)).toBe("Use Lantern");
  await player.keyboard.press("Escape");
  expect(await focused(player)).toBe("Map");

  await player.getByLabel("Language").selectOption("Deutsch");
  await player.getByRole("list", { name: "Was du hast" }).getByText("Laterne × 1").waitFor();
  await buttonOf(player, "Laterne benutzen").click();
  await untilLogs(player, "game_cleo zündet eine Laterne an.");
  expect(await player.evaluate("document.documentElement.scrollWidth")).toBe(375);
}, 120_000);
