import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type BrowserPage,
  freePorts,
  type RunningChromium,
  type SallyportProcess,
  startChromium,
  writeYards,
  yard,
} from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PageServer } from "../../cli/src/web/page-server.ts";
import { portAfter, SmallCluster } from "../../cli/test/small-cluster.ts";
import { enter, expectQuiet, type Player, play, untilAt } from "./player.ts";
import { servePage } from "./served-page.ts";

/*
 * The page on servers in separate processes: two map-servers with warps between their maps. The lane leads to a
 * deck, which is a room, and on which clients report where they are.
 */

const startMs = 300_000;
const deck = `name: deck
room: yes
movement: reported unitsPerCell=32 greatestSpeed=320
warp: 14,15 -> yard:3,3
`;
/** Its warp is in another direction than that of the yard, so that keys held too long lead to no third map. */
const lane = yard({ name: "lane", next: "deck", side: 12 }).replace(/^warp: .*->/m, "warp: 1,10 ->");
const folder = mkdtempSync(join(tmpdir(), "sallyport-hop-"));

let cluster: SmallCluster;
let startMap: (map: "yard" | "lane") => Promise<SallyportProcess>;
let laneServer: SallyportProcess;
let page: PageServer;
let chromium: RunningChromium;

beforeAll(async () => {
  writeYards(folder, ["yard", "lane"], 12);
  for (const [name, text] of Object.entries({ lane, deck })) writeFileSync(join(folder, `${name}.map`), text);
  cluster = await SmallCluster.open({
    ...{ LOGIN_WS_PORT: "0", CHAR_WS_PORT: "0" },
    ...{ MAPS_FOLDER: folder, WORLD_SPAWN: "yard:2,2", MAP_STEP_MS: "60" },
  });
  const { login, char, all } = await cluster.world();
  const [yardPort = 0, lanePort = 0] = await freePorts(2);
  const ports = { yard: yardPort, lane: lanePort };
  startMap = async (map) => {
    const hosted = map === "lane" ? "lane,deck" : map;
    const own = { MAP_SERVER_NAME: map, MAPS_HOSTED: hosted, MAP_WS_PORT: String(ports[map]) };
    const server = cluster.run("map", { ...all, ...own });
    await server.untilSays(/map-server ready/);
    return server;
  };
  await startMap("yard");
  laneServer = await startMap("lane");
  const at = (port: number): string => `ws://127.0.0.1:${port}`;
  const loginUrl = at(await portAfter(login, "webSocket"));
  const charUrl = at(await portAfter(char, "webSocket"));
  page = await servePage(loginUrl, [charUrl, at(yardPort), at(lanePort)]);
  chromium = await startChromium();
}, startMs);
afterAll(async () => {
  await chromium?.stop();
  await page?.stop();
  await cluster?.close();
  rmSync(folder, { recursive: true });
});

const open = (): Promise<BrowserPage> => chromium.open(page.url, { locale: "en" });

const towards = { lane: ["ArrowDown", "ArrowRight"], deck: ["ArrowDown", "ArrowLeft"] } as const;

/** Holds two keys until the character is over the warp in a southern corner, and on the other map. */
async function walkTo(map: keyof typeof towards, player: Player): Promise<void> {
  const { keyboard } = player;
  for (const key of towards[map]) await keyboard.down(key);
  await player.locator("#place", { hasText: new RegExp(`^${map} `) }).waitFor();
  for (const key of towards[map]) await keyboard.up(key);
}

/**
 * Counts the frames in which the middle of the map has the colour of the empty canvas. The edge of a name has
 * the same colour, and passes the middle. But it is never at two places that are farther apart than a name is
 * high.
 */
const watchForBlinks = `(() => {
  const canvas = document.querySelector("canvas");
  const context = canvas.getContext("2d");
  window.blinks = { frames: 0, empty: 0, canvas };
  const look = () => {
    const isEmpty = (below) => {
      const { data } = context.getImageData(canvas.width / 2, canvas.height / 2 + below, 1, 1);
      return data[0] === 16 && data[1] === 21 && data[2] === 28;
    };
    window.blinks.frames += 1;
    if ([-20, 20].every(isEmpty)) window.blinks.empty += 1;
    requestAnimationFrame(look);
  };
  look();
})()`;

test("a walk over a warp leads to the other map-server, without a blink, and the chat goes on there", async () => {
  const tab = await open();
  const { player } = tab;
  await enter(player, "hop_ada");
  await untilAt(player, "yard", 2, 2);
  await player.evaluate(watchForBlinks);
  await walkTo("lane", player);
  const blinks = await player.evaluate(
    "({ ...window.blinks, canvas: window.blinks.canvas === document.querySelector('canvas') })",
  );
  expect(blinks).toEqual({ frames: expect.any(Number), empty: 0, canvas: true });
  await player.getByLabel("Say something").fill("here");
  await player.keyboard.press("Enter");
  await player.getByRole("log").getByText("hop_ada: here").waitFor();
  await player.getByRole("log").getByText("You are on the map lane.").waitFor();
  await player.close();
  expectQuiet(tab);
});

test("where clients report, keys and a click lead to any place, which is saved, and all in a room see and hear it", async () => {
  const tabs = [await open(), await open()] as const;
  const [ada, bob] = [tabs[0].player, tabs[1].player];
  await enter(ada, "deck_ada");
  await enter(bob, "deck_bob");
  for (const player of [ada, bob]) {
    await walkTo("lane", player);
    await walkTo("deck", player);
  }
  await bob.getByText("Near: deck_ada", { exact: true }).waitFor();
  const atTheCorner = ada.locator("#place", { hasText: /^deck 511,0$/ });
  for (const key of ["ArrowUp", "ArrowRight"]) await ada.keyboard.down(key);
  await atTheCorner.waitFor();
  for (const key of ["ArrowUp", "ArrowRight"]) await ada.keyboard.up(key);
  await bob.getByRole("button", { name: "Describe what is around me" }).click();
  await bob.getByText(/Near: deck_ada \(([5-9]|1\d) cells/).waitFor();
  await bob.getByLabel("Say something").fill("I see you");
  await bob.keyboard.press("Enter");
  await ada.getByRole("log").getByText("deck_bob: I see you").waitFor();

  await ada.getByRole("button", { name: "Characters" }).click();
  await play(ada, "deck_ada");
  await atTheCorner.waitFor();
  await ada.getByRole("application").click();
  await atTheCorner.waitFor({ state: "hidden" });
  for (const tab of tabs) {
    await tab.player.close();
    expectQuiet(tab);
  }
});

test("after its map-server was killed, the page says so, and is back by itself once the server is", async () => {
  const tab = await open();
  const { player } = tab;
  await enter(player, "hop_bob");
  await walkTo("lane", player);
  await laneServer.kill();
  const told = player.getByText("The connection was lost. The page tries to bring you back.");
  await told.waitFor();
  laneServer = await startMap("lane");
  await told.waitFor({ state: "hidden" });
  await player.getByRole("application").waitFor();
  await player.getByLabel("Say something").fill("back again");
  await player.keyboard.press("Enter");
  await player.getByRole("log").getByText("hop_bob: back again").waitFor();
  await player.close();
  expectQuiet(tab);
});
