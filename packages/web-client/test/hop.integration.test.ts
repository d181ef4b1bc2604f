import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type BrowserPage,
  build,
  freePorts,
  type RunningChromium,
  type SallyportProcess,
  startChromium,
  writeYards,
} from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundlePage, pageFolder } from "../../../scripts/bundle-page.mjs";
import { readPage, securityHeaders } from "../../cli/src/web/page-files.ts";
import { openPageServer, type PageServer } from "../../cli/src/web/page-server.ts";
import { portAfter, SmallCluster } from "../../cli/test/small-cluster.ts";
import { enter, expectQuiet, type Player, untilAt } from "./player.ts";

/* The page on servers in separate processes: two map-servers, each with one map, and warps between them. */

const startMs = 300_000;
const folder = mkdtempSync(join(tmpdir(), "sallyport-hop-"));

let cluster: SmallCluster;
let startMap: (map: "yard" | "lane") => Promise<SallyportProcess>;
let lane: SallyportProcess;
let page: PageServer;
let chromium: RunningChromium;

beforeAll(async () => {
  build("packages/cli");
  await bundlePage();
  writeYards(folder, ["yard", "lane"], 12);
  cluster = await SmallCluster.open({
    ...{ LOGIN_WS_PORT: "0", CHAR_WS_PORT: "0" },
    ...{ MAPS_FOLDER: folder, WORLD_SPAWN: "yard:2,2", MAP_STEP_MS: "60" },
  });
  const { login, char, all } = await cluster.world();
  const [yardPort = 0, lanePort = 0] = await freePorts(2);
  const ports = { yard: yardPort, lane: lanePort };
  startMap = async (map) => {
    const own = { MAP_SERVER_NAME: map, MAPS_HOSTED: map, MAP_WS_PORT: String(ports[map]) };
    const server = cluster.run("map", { ...all, ...own });
    await server.untilSays(/map-server ready/);
    return server;
  };
  await startMap("yard");
  lane = await startMap("lane");
  const at = (port: number): string => `ws://127.0.0.1:${port}`;
  const loginUrl = at(await portAfter(login, "webSocket"));
  const doorUrls = [loginUrl, at(await portAfter(char, "webSocket")), at(yardPort), at(lanePort)];
  const files = await readPage({ loginUrl }, new URL(`file://${pageFolder}/`));
  const headers = securityHeaders({ doorUrls });
  page = await openPageServer({ host: "127.0.0.1", port: 0, files, headers, tls: null });
  chromium = await startChromium();
}, startMs);
afterAll(async () => {
  await chromium?.stop();
  await page?.stop();
  await cluster?.close();
  rmSync(folder, { recursive: true });
});

const open = (): Promise<BrowserPage> => chromium.open(page.url, { locale: "en" });

/** Holds two keys until the character is over the warp in the south-eastern corner, and on the other map. */
async function walkToLane(player: Player): Promise<void> {
  const { keyboard } = player;
  for (const key of ["ArrowDown", "ArrowRight"]) await keyboard.down(key);
  await player.locator("#place", { hasText: /^lane / }).waitFor();
  for (const key of ["ArrowDown", "ArrowRight"]) await keyboard.up(key);
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
  await walkToLane(player);
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

test("after its map-server was killed, the page says so, and is back by itself once the server is", async () => {
  const tab = await open();
  const { player } = tab;
  await enter(player, "hop_bob");
  await walkToLane(player);
  await lane.kill();
  const told = player.getByText("The connection was lost. The page tries to bring you back.");
  await told.waitFor();
  lane = await startMap("lane");
  await told.waitFor({ state: "hidden" });
  await player.getByRole("application").waitFor();
  await player.getByLabel("Say something").fill("back again");
  await player.keyboard.press("Enter");
  await player.getByRole("log").getByText("hop_bob: back again").waitFor();
  await player.close();
  expectQuiet(tab);
}, 180_000);
