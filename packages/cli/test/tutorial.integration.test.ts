import { readFileSync } from "node:fs";
import type { Game } from "@sallyport/sdk";
import { must, type SallyportProcess, type TestDatabase, testDatabase, until } from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GameFolder } from "./game-module.ts";
import { clientAt, enter } from "./player.ts";
import { startProcess } from "./server-process.ts";

/* Does with two clients what docs/tutorial.md does with two browsers. */

const page = readFileSync(new URL("../../../docs/tutorial.md", import.meta.url), "utf8");
const [, program = ""] = /^```ts\n(.*?)^```$/ms.exec(page) ?? [];

const folder = new GameFolder();
let database: TestDatabase;
let server: SallyportProcess;

beforeAll(async () => {
  database = await testDatabase();
  const ports = { LOGIN_PORT: "0", CHAR_PORT: "0", MAP_PORT: "0", DATABASE_URL: database.url };
  server = startProcess(["up", "--game", folder.write("my-game/game.ts", program)], ports);
});
afterAll(async () => {
  await server.kill();
  folder.remove();
  await database.drop();
});

async function playerAt(name: string, said: string[]): Promise<Game> {
  const [, port] = await server.untilSays(/login 127\.0\.0\.1:(\d+)/);
  const game = await enter(clientAt(Number(port)), name);
  game.on((event) => {
    if (event.type === "actor.said") said.push(event.text);
  });
  return game;
}

const idOf = (game: Game, name: string): number | undefined =>
  [...game.actors.values()].find((actor) => actor.name === name)?.charId;

test("the game of docs/tutorial.md has at most 60 lines, and two clients see it", async () => {
  expect(program.split("\n").length).toBeGreaterThan(10);
  expect(program.split("\n").length).toBeLessThanOrEqual(61);
  const heard: string[] = [];
  const [finder, watcher] = [await playerAt("finder", []), await playerAt("watcher", heard)];
  const seen = (name: string) => until(() => idOf(finder, name), { what: `${name} to be in view` });
  const [mara, chest] = [await seen("Mara"), await seen("Chest")];
  await until(() => idOf(watcher, "Chest") === chest, { what: "the watcher to see the chest" });
  must(await finder.click(chest));
  must(await finder.click(mara));
  must(await finder.answer(mara, { type: "choice", index: 0 }));
  must(await finder.click(chest));
  const told = ["It is locked.", "finder finds 5 gold!"];
  await until(() => heard.length === told.length, { what: "the watcher to hear of the gold" });
  expect(heard).toEqual(told);
  await until(() => idOf(watcher, "Chest") === undefined, { what: "the chest to vanish" });
  await until(() => idOf(watcher, "Chest"), { what: "the chest to come back" });
});
