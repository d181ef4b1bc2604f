import { AccountId, CharId } from "@sallyport/domain";
import type { ByteChannel } from "@sallyport/link";
import type { TcpListener } from "@sallyport/link/tcp";
import { listenWebSocket } from "@sallyport/link/websocket";
import { type BrowserPage, type RunningChromium, startChromium } from "@sallyport/testkit";
import { packValue } from "@sallyport/wire";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PageServer } from "../../cli/src/web/page-server.ts";
import { addresses, MemoryCluster } from "../../sdk/test/memory-cluster.ts";
import { guide } from "../../sdk/test/memory-map.ts";
import { enter, expectQuiet, type Player } from "./player.ts";
import { servePage } from "./served-page.ts";

/*
 * A real browser at doors whose guide always says and sells the same. The doors speak the real protocol; behind
 * them is the memory cluster of the SDK's tests.
 */

const startMs = 300_000;
const host = "127.0.0.1";

let cluster: MemoryCluster;
const doors: TcpListener[] = [];
let page: PageServer;
let chromium: RunningChromium;

/** Passes the bytes of both ends on. */
function join(one: ByteChannel, other: ByteChannel): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const)
    from.listen({ bytes: (chunk) => to.send(chunk), closed: () => to.close() });
}

async function openDoor(door: keyof typeof addresses): Promise<string> {
  const accept = async (channel: ByteChannel): Promise<void> =>
    join(channel, await cluster.connect(addresses[door], 1_000, door));
  const listener = await listenWebSocket({ host, port: 0 }, (channel) => void accept(channel), {
    isOriginAllowed: () => true,
  });
  doors.push(listener);
  return `ws://${host}:${listener.address.port}`;
}

beforeAll(async () => {
  cluster = new MemoryCluster();
  const [loginUrl, char, map] = [await openDoor("login"), await openDoor("char"), await openDoor("map")];
  cluster.wsUrls = { char, map };
  page = await servePage(loginUrl, [char, map]);
  chromium = await startChromium();
}, startMs);
afterAll(async () => {
  await chromium?.stop();
  await page?.stop();
  for (const door of doors) await door.stop();
});

/** Enters the map, where the guide stands three cells to the east. */
async function besideTheGuide(name: string): Promise<BrowserPage> {
  const tab = await chromium.open(page.url, { locale: "en" });
  await enter(tab.player, name);
  for (const { walker, tell } of cluster.map.walkers.values()) {
    if (walker.name !== name) continue;
    const at = { x: walker.position.x + 3, y: walker.position.y, path: [], walked: 0, cameFrom: null };
    const ids = { accountId: AccountId(0), charId: CharId(guide) };
    tell({
      type: "actor.appeared",
      ...ids,
      ...at,
      name: "Guide",
      kind: "npc",
      sex: "female",
      looks: { class: 112 },
      shown: new Uint8Array(),
      stepMs: 150,
    });
  }
  await tab.player.getByRole("button", { name: "Talk to Guide" }).waitFor();
  return tab;
}

test("what a game shows that the page does not know is there as it is, and nothing if it shows nothing", async () => {
  const tab = await besideTheGuide("show_dan");
  const { player } = tab;
  const panel = player.getByText("What you have", { exact: true });
  expect(await panel.isVisible()).toBe(false);
  const walker = [...cluster.map.walkers.values()].find((each) => each.walker.name === "show_dan");
  const shows = (value: object): void =>
    walker?.tell({ type: "character.changed", changes: packValue(value) });
  shows({ mana: 7, spells: ["Fire"], home: { x: 3, isOwn: true } });
  const list = player.getByRole("list", { name: "What you have" });
  for (const line of ["mana: 7", "spells:", "Fire", 'home: {"x":3,"isOwn":true}'])
    await list.getByText(line, { exact: true }).waitFor();
  shows({ mana: 8, spells: null });
  await list.getByText("mana: 8", { exact: true }).waitFor();
  await list.getByText("Fire").waitFor({ state: "detached" });
  shows({ mana: null, home: null });
  await panel.waitFor({ state: "hidden" });

  for (let times = 0; times < 2; times += 1)
    walker?.tell({ type: "game.event", name: "duel.won", body: packValue({ by: "Bo" }) });
  await player.getByText("Events of the game that this page does not know").click();
  await player.getByText("duel.won × 2", { exact: true }).waitFor();

  const other = await chromium.open(page.url, { locale: "en" });
  await enter(other.player, "show_eva");
  await player.getByText("Near: show_eva", { exact: true }).waitFor();
  for (const { accountId, charId, name } of [...cluster.map.walkers.values()].map((each) => each.walker)) {
    if (name !== "show_eva") continue;
    walker?.tell({ type: "actor.changed", accountId, charId, shown: packValue({ title: "Baker" }) });
  }
  await player.getByText("Near: show_eva (Baker)", { exact: true }).waitFor();
  for (const each of [tab, other]) {
    await each.player.close();
    expectQuiet(each);
  }
});

const focused = (player: Player): Promise<unknown> =>
  player.evaluate(
    "document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent",
  );

test("a click on an actor begins a dialogue, which takes the focus and gives it back to the map", async () => {
  const tab = await besideTheGuide("talk_ada");
  const { player } = tab;
  await player.getByRole("button", { name: "Talk to Guide" }).click();
  const dialogue = player.getByRole("dialog", { name: "Guide" });
  await dialogue.getByText("Welcome").waitFor();
  expect(await focused(player)).toBe("1. Bye");
  await player.keyboard.press("ArrowDown");
  expect(await focused(player)).toBe("2. Buy");
  // The keys of the dialogue do not walk.
  await player.keyboard.press("1");
  await dialogue.getByRole("button", { name: "2. Buy" }).waitFor({ state: "hidden" });
  await player.keyboard.press("Escape");
  await dialogue.waitFor({ state: "hidden" });
  expect(await focused(player)).toBe("Map");
  await player.getByText("yard 5,5").waitFor();
  await player.close();
  expectQuiet(tab);
});

test("a shop sells by name and number, and the log says what happened", async () => {
  const tab = await besideTheGuide("talk_bob");
  const { player } = tab;
  await player.getByRole("button", { name: "Talk to Guide" }).click();
  await player.getByRole("button", { name: "2. Buy" }).click();
  const shop = player.getByRole("dialog", { name: "Guide sells" });
  await shop.getByText("Apple, 15 each").waitFor();
  await shop.getByRole("button", { name: "Buy Apple" }).click();
  await player.getByRole("log").getByText("You bought 1 × Apple.").waitFor();
  await shop.getByLabel("Number of Apple").fill("2");
  await shop.getByRole("button", { name: "Buy Apple" }).click();
  await player.getByRole("log").getByText("This costs too much.").waitFor();
  await shop.getByRole("button", { name: "Close" }).click();
  await shop.waitFor({ state: "hidden" });
  await player.close();
  expectQuiet(tab);
});

test("a dialogue fits a phone, with nothing wider than the screen", async () => {
  const tab = await besideTheGuide("talk_cleo");
  const { player } = tab;
  await player.setViewportSize({ width: 375, height: 667 });
  await player.getByRole("button", { name: "Talk to Guide" }).click();
  await player.getByRole("button", { name: "2. Buy" }).click();
  await player.getByRole("button", { name: "Buy Apple" }).waitFor();
  expect(await player.evaluate("document.documentElement.scrollWidth")).toBe(375);
  await player.close();
  expectQuiet(tab);
});
