import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  freePorts,
  must,
  SallyportProcess,
  type TestDatabase,
  testDatabase,
  until,
} from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Credentials, createClient, type Game, transportTo } from "../src/node/index.ts";
import { stayInGame } from "./example/come-back.ts";
import { play } from "./example/play.ts";

/* The README shows the files in `example`. They run here at real servers. */

const folder = mkdtempSync(join(tmpdir(), "sallyport-example-"));
const credentials = new Credentials();
let server: SallyportProcess;
let database: TestDatabase;
let url = "";

const client = () => createClient({ ...transportTo(url), credentials });

beforeAll(async () => {
  const [port = 0] = await freePorts(1);
  url = `tcp://127.0.0.1:${port}`;
  database = await testDatabase();
  server = new SallyportProcess({
    name: "sallyport up",
    args: ["up"],
    environment: {
      ...{ LOGIN_PORT: String(port), CHAR_PORT: "0", MAP_PORT: "0" },
      DATABASE_URL: database.url,
    },
    folder,
  });
  server.spawn();
  await server.untilSays(/Sallyport is up/);
});
afterAll(async () => {
  await server?.kill();
  await database.drop();
  rmSync(folder, { recursive: true });
});

test("the program of the README plays, at its first run and the second", async () => {
  const account = { name: "walker", password: "correct horse" };
  must(await client().register({ ...account, sex: "female" }));
  await play(url, account);
  await play(url, account);
});

test("a player comes back after a restart of the servers, and not after a takeover", async () => {
  const account = { name: "stayer", password: "correct horse" };
  must(await client().register({ ...account, sex: "male" }));
  const entering = async () => {
    const by = client();
    const loggedIn = await by.logIn(account);
    if (!loggedIn.ok) return loggedIn;
    const [world] = loggedIn.value.worlds;
    const select = must(await by.enterWorld(world ?? transportTo(url).login));
    const { charId } = select.characters[0] ?? must(await select.create({ slot: 0, name: account.name }));
    return select.choose(charId);
  };
  const games: Game[] = [];
  const ended = stayInGame(entering, (game) => games.push(game));
  await until(() => games.length === 1, { what: "the player to enter" });
  await server.kill();
  server.spawn();
  await until(() => games.length === 2, { what: "the player to come back", timeoutMs: 90_000 });
  const other = must(await entering());
  expect(await ended).toBe("logged-in-elsewhere");
  expect(games).toHaveLength(2);
  must(await other.leave());
});
