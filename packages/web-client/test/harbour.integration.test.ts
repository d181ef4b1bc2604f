import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BrowserPage, type TestDatabase, testDatabase } from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { enter, expectQuiet, type Player } from "./player.ts";
import { ServedPage, type TabOptions } from "./served-page.ts";

/* Players in real browsers, in the game of the sample world on real servers. */

const startMs = 300_000;
const game = fileURLToPath(new URL("../../sample-world/src/game.ts", import.meta.url));

/** Everything of the game is in sight, so a click is enough: the page walks there by itself. */
const smallHarbour = `name: harbour
title: A small harbour
spawn: 5,4
object: mara Mara 8,3
object: stall Tobin 3,2
object: sign Sign 5,2
object: chest "Old chest" 11,6 chest=pier
object: shell Shells 2,6 8x2 count=3

##############
#............#
#............#
#............#
#............#
#............#
#............#
#............#
##############
`;

const maps = mkdtempSync(join(tmpdir(), "sallyport-small-harbour-"));
let database: TestDatabase;
let served: ServedPage;
const tabs: BrowserPage[] = [];
beforeAll(async () => {
  writeFileSync(join(maps, "harbour.map"), smallHarbour);
  database = await testDatabase();
  served = await ServedPage.start({ GAME: game, MAPS_FOLDER: maps, DATABASE_URL: database.url });
}, startMs);
afterAll(async () => {
  await served.stop();
  await database.drop();
  rmSync(maps, { recursive: true });
});
afterEach(async () => {
  for (const tab of tabs.splice(0)) {
    await tab.player.close();
    expectQuiet(tab);
  }
});

async function newPlayer(name: string, as: TabOptions = {}): Promise<Player> {
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

test("two players meet Mara, count as visitors, buy, use, open the chest once each, and Mara thanks for shells with a title", async () => {
  const ada = await newPlayer("game_ada");
  await buttonOf(ada, "Talk to Mara").waitFor();
  await untilHas(ada, "Gold: 20");
  const bob = await newPlayer("game_bob");
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
  await buttonOf(ada, "Talk to Mara").click();
  await buttonOf(ada, "1. They are.").click();
  await untilSays(ada, "How they shine!");
  await close(ada);
  for (const line of ["Gold: 60", "Title: Friend of the harbour", "Bag: empty"]) await untilHas(ada, line);
});

test("what the game shows is reached by one key, read by its name, and fits a phone in German", async () => {
  const player = await newPlayer("game_cleo", { viewport: { width: 375, height: 667 } });
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
});
