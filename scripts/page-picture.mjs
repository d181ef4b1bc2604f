import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "./pnpm.mjs";
import { prepare } from "./prepare.mjs";

/*
 * Takes the picture of the page in README.md: three players in the sample world, and one of
 * them talks to Mara.
 *
 *     npm run page-picture
 */

const picture = join(root, "docs/images/page.png");
const bytesMax = 200_000;
const password = "only for a picture";
const players = [
  { name: "Wanda", keys: ["ArrowDown", "ArrowDown", "ArrowDown"], says: "Is that your boat?" },
  {
    name: "Bertil",
    keys: ["ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowUp"],
    says: "I wish it were.",
  },
  {
    name: "Ayumi",
    keys: ["ArrowLeft"],
    says: "Come and see the forest!",
  },
];

await prepare();
// This import comes after `prepare`, because it needs the built packages.
const { SallyportProcess, startChromium } = await import("../packages/proving/testkit/dist/index.js");
const folder = mkdtempSync(join(tmpdir(), "sallyport-picture-"));
const server = new SallyportProcess({
  name: "sallyport up --web",
  args: ["up", "--web"],
  environment: {
    ...{ LOGIN_PORT: "0", CHAR_PORT: "0", MAP_PORT: "0", WEB_PORT: "0" },
    ...{ LOGIN_WS_PORT: "0", CHAR_WS_PORT: "0", MAP_WS_PORT: "0" },
    GAME: join(root, "packages/sample-world/src/game.ts"),
  },
  folder,
});
server.spawn();
const chromium = await startChromium();
try {
  const [, url] = await server.untilSays(/Play in a browser: +(http\S+)/);
  const tabs = [];
  for (const { name, keys } of players) tabs.push(await enter(url, name, keys));
  for (const [index, tab] of tabs.entries()) await say(tab, players[index].says);
  const [first] = tabs;
  await buyRope(first);
  for (const { says } of players) await first.getByRole("log").getByText(says).waitFor();
  await first.getByRole("button", { name: "Talk to Mara" }).click();
  await first.getByRole("button", { name: "1. Yes, gladly." }).waitFor();
  mkdirSync(dirname(picture), { recursive: true });
  await first.screenshot({ path: picture });
} finally {
  await chromium.stop();
  await server.kill();
  rmSync(folder, { recursive: true });
}
const bytes = statSync(picture).size;
console.log(`${picture}: ${bytes} bytes`);
if (bytes > bytesMax) throw new Error(`${picture} is larger than ${bytesMax} bytes`);

async function enter(url, name, keys) {
  const { player } = await chromium.open(url, { locale: "en", viewport: { width: 1_000, height: 760 } });
  await player.getByLabel("Name").fill(name);
  await player.getByLabel("Password").fill(password);
  await player.getByRole("button", { name: "Register" }).click();
  await player.getByLabel("Name of the character").fill(name);
  await player.getByRole("button", { name: "Create" }).click();
  await player.getByRole("button", { name: `Play ${name}` }).click();
  await player.getByRole("application", { name: "Map" }).waitFor();
  for (const key of keys) {
    const before = await player.locator("#place").innerText();
    await player.keyboard.press(key);
    await player.locator("#place", { hasNotText: before }).waitFor();
  }
  return player;
}

async function say(player, text) {
  await player.getByLabel("Say something").fill(text);
  await player.keyboard.press("Enter");
}

async function buyRope(player) {
  await player.getByRole("button", { name: "Talk to Tobin" }).click();
  await player.getByRole("button", { name: "Buy Rope" }).click();
  await player.getByText("Rope × 1", { exact: true }).waitFor();
  await player.getByRole("button", { name: "Close" }).click();
}
