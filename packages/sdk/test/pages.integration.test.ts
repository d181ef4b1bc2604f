import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  freePorts,
  type RunningChromium,
  SallyportProcess,
  startChromium,
  testDatabase,
} from "@sallyport/testkit";
import { createLogger, preview, build as viteBuild } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeBundles } from "../../../scripts/bundle-sdk.mjs";
import { createClient, transportTo } from "../src/node/index.ts";

/* Pages in a real browser, with the SDK as a bundler or `npm run sdk-bundle` packs it, at real servers. */

/** If Chromium is missing, the test installs it, which takes a minute. */
const installMs = 300_000;

const folder = mkdtempSync(join(tmpdir(), "sallyport-pages-"));
const site = join(folder, "dist");
const warnings: string[] = [];
const cleanUp: (() => Promise<unknown> | void)[] = [() => rmSync(folder, { recursive: true })];
let chromium: RunningChromium;
let pageUrl = "";
let loginUrl = "";

beforeAll(async () => {
  const database = await testDatabase();
  cleanUp.push(() => database.drop());
  await buildWithVite();
  await writeBundles(site);
  const server = new SallyportProcess({
    name: "sallyport up",
    args: ["up"],
    environment: {
      ...{ LOGIN_PORT: "0", CHAR_PORT: "0", MAP_PORT: "0" },
      ...{ LOGIN_WS_PORT: "0", CHAR_WS_PORT: "0", MAP_WS_PORT: "0" },
      DATABASE_URL: database.url,
    },
    folder: join(folder, "data"),
  });
  cleanUp.push(() => server.kill());
  server.spawn();
  [, loginUrl = ""] = await server.untilSays(/over WebSocket, login (\S+)/);
  const [port = 0] = await freePorts(1);
  const served = await preview({
    root: folder,
    configFile: false,
    preview: { host: "127.0.0.1", port, strictPort: true },
  });
  cleanUp.push(() => served.close());
  pageUrl = `http://127.0.0.1:${port}/`;
  chromium = await startChromium();
  cleanUp.push(() => chromium.stop());
}, installMs);
afterAll(async () => {
  for (const each of cleanUp.reverse()) await each();
});

/** Builds `page` like a project of its own that has installed the SDK. */
async function buildWithVite(): Promise<void> {
  cpSync(fileURLToPath(new URL("page", import.meta.url)), folder, { recursive: true });
  mkdirSync(join(folder, "node_modules/@sallyport"), { recursive: true });
  symlinkSync(fileURLToPath(new URL("..", import.meta.url)), join(folder, "node_modules/@sallyport/sdk"));
  const warn = (message: string): void => void warnings.push(message);
  await viteBuild({
    root: folder,
    configFile: false,
    logLevel: "warn",
    customLogger: { ...createLogger("silent"), warn, warnOnce: warn, error: warn },
    // A warning about slow plugins only says that the machine is busy.
    build: { rolldownOptions: { checks: { bundlerTimings: false } } },
  });
}

/** Goes a player's whole way. Runs in the page, with a module of the SDK. */
const play = `async ({ createClient, transportTo }, login, name) => {
  const must = (answer) => {
    if (answer.ok) return answer.value;
    throw new Error(answer.refusal);
  };
  const account = { name, password: "correct horse" };
  const client = createClient(transportTo(login));
  must(await client.register({ ...account, sex: "female" }));
  const { worlds } = must(await client.logIn(account));
  const select = must(await client.enterWorld(worlds[0]));
  const { charId } = must(await select.create({ slot: 0, name }));
  const game = must(await select.choose(charId));
  const heard = new Promise((resolve) => game.on((event) => event.type === "actor.said" && resolve(event.text)));
  must(await game.say("hello from " + name));
  const text = await heard;
  must(await game.leave());
  return text;
}`;

test.each([
  ["an ES module", "by_module", 'await import("/sallyport-sdk.js")'],
  ["a script with a global", "by_global", "sallyport"],
])("a page plays with the bundle as %s", async (_, name, sdk) => {
  const tab = await chromium.open(pageUrl);
  await tab.player.addScriptTag({ url: "/sallyport-sdk.iife.js" });
  const said = await tab.evaluate(
    `(async () => (${play})(${sdk}, ${JSON.stringify(loginUrl)}, ${JSON.stringify(name)}))()`,
  );
  expect(said).toBe(`hello from ${name}`);
});

test("Vite builds a page with the SDK without a warning, and nothing of Node is in it", () => {
  expect(warnings).toEqual([]);
  const files = readdirSync(site, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".js"),
  );
  expect(files.filter((file) => file.includes("worker"))).toHaveLength(1);
  const ofNode = /["'`]node:\w+|\brequire\(|\bprocess\.\w+/g;
  expect(files.flatMap((file) => readFileSync(join(site, file), "utf8").match(ofNode) ?? [])).toEqual([]);
});

test("a page that Vite built logs in, with the password hash in a worker", async () => {
  const account = { name: "by_vite", password: "correct horse" };
  const registered = await createClient(transportTo(loginUrl)).register({ ...account, sex: "female" });
  expect(registered.ok).toBe(true);
  const { player } = await chromium.open(`${pageUrl}?login=${encodeURIComponent(loginUrl)}`);
  await player.getByLabel("Name").fill(account.name);
  await player.getByLabel("Password").fill("a wrong guess");
  await player.getByRole("button", { name: "Play" }).click();
  await player.getByText("The name or the password is wrong.").waitFor();
  await player.getByLabel("Password").fill(account.password);
  await player.getByRole("button", { name: "Play" }).click();
  await player.getByText(/players$/).waitFor();
  expect(player.workers()).toHaveLength(1);
});
