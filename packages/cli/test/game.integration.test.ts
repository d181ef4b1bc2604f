import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Game } from "@sallyport/sdk";
import { type SallyportProcess, type TestDatabase, testDatabase, until } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GameFolder } from "./game-module.ts";
import { clientAt, enter, walkEast } from "./player.ts";
import { startProcess } from "./server-process.ts";
import { portAfter, SmallCluster } from "./small-cluster.ts";

/** What `npm start` runs. */
const sampleWorld = fileURLToPath(new URL("../../sample-world/src/game.ts", import.meta.url));
const started: SallyportProcess[] = [];
let folder: GameFolder;
let database: TestDatabase;

beforeEach(async () => {
  database = await testDatabase();
  folder = new GameFolder();
});
afterEach(async () => {
  for (const server of started.splice(0)) await server.kill();
  folder.remove();
  await database.drop();
});

function up(game: string, environment: Record<string, string> = {}): SallyportProcess {
  const ports = { LOGIN_PORT: "0", CHAR_PORT: "0", MAP_PORT: "0", DATABASE_URL: database.url };
  const server = startProcess(["up", "--game", game], { ...ports, ...environment });
  started.push(server);
  return server;
}

async function enterAt(server: SallyportProcess, name?: string): Promise<Game> {
  const [, port] = await server.untilSays(/login 127\.0\.0\.1:(\d+)/);
  return enter(clientAt(Number(port)), name);
}

/** A game that places a post near the spawn. Its name is in a file of its own. */
const posts = `
import { defineGame } from "@sallyport/game";
import { z } from "zod";
import { post } from "./parts/post.ts";

enum Cell { x = 42, y = 32 }

export default defineGame({
  name: "posts",
  character: { schema: z.object({ gold: z.number() }), initial: { gold: 1 } },
  actors: { post },
  opened(it) {
    if (it.map.name === "harbour") it.spawn("post", { x: Cell.x, y: Cell.y });
  },
});
`;
const postNamed = (name: string): string =>
  `export const post = { kind: "npc", name: "${name}" } as const;\n`;

const untilSees = (game: Game, name: string) =>
  until(() => [...game.actors.values()].some((actor) => actor.name === name), {
    what: `a post named ${name}`,
  });

describe("a game that is being written", () => {
  test("runs from its TypeScript files, and no player is disconnected when a file is saved", async () => {
    folder.write("parts/post.ts", postNamed("One"));
    const server = up(folder.write("game.ts", posts));
    const player = await enterAt(server);
    await untilSees(player, "One");
    expect(watchesOf(server)).toBe(2);
    folder.write("parts/post.ts", postNamed("Two"));
    await untilSees(player, "Two");

    folder.write("parts/post.ts", 'export const post = { kind: "npc", name: "Three"\n');
    await server.untilSays(/The game stays as it was\.\n.*parts\/post\.ts:2:0: Expected "}"/);
    folder.write(
      "parts/post.ts",
      'import { name } from "./name.ts";\nexport const post = { kind: "npc", name };\n',
    );
    await server.untilSays(/Cannot find module '.*parts\/name\.ts' imported from .*parts\/post\.ts:1/);
    // A file that was missing counts too, although the game that runs has never imported it.
    folder.write("parts/name.ts", 'export const name = "Three";\n');
    await untilSees(player, "Three");

    const strict = posts
      .replace("gold: z.number()", "gold: z.number().min(5)")
      .replace("{ gold: 1 }", "{ gold: 5 }");
    folder.write("game.ts", strict);
    await server.untilSays(/The game stays as it was\.\nThe character \w+ is here and does not fit: gold/);
    expect([...player.actors.values()].map(({ name }) => name)).toEqual(["Three"]);
    folder.write("game.ts", posts);
    await server.untilSays(/does not fit: gold[\s\S]*game\.ts: loaded anew/);
    await walkEast(player, 1);
    await player.leave();
  });

  test("is watched only if GAME_RELOAD says so", async () => {
    folder.write("parts/post.ts", postNamed("One"));
    const server = up(folder.write("game.ts", posts), { GAME_RELOAD: "no" });
    await untilSees(await enterAt(server), "One");
    expect(server.output).toMatch(/game: +posts, .*game\.ts/);
    expect(watchesOf(server)).toBe(0);
  });
});

test("the sample world runs from its sources, and Mara says what she wishes for", async () => {
  const server = up(sampleWorld);
  const player = await enterAt(server);
  await untilSees(player, "Mara");
  const said: string[] = [];
  player.on((event) => {
    if (event.type === "dialogue.said") said.push(event.text);
  });
  const mara = [...player.actors.values()].find(({ name }) => name === "Mara");
  expect(await player.click(mara?.charId ?? 0)).toMatchObject({ ok: true });
  await until(() => said.length > 0, { what: "a word from Mara" });
  expect(said[0]).toMatch(/I would love a necklace/);
  await player.leave();
});

describe("a game that does not load says why, with file and line, and nothing of ours", () => {
  const define = 'import { defineGame } from "@sallyport/game";\n';
  test.each([
    ["has a syntax error", "export default {;", /game\.ts:1:16: Expected identifier but found ";"/],
    ["imports what is missing", `${define}import "./gone.ts";`, /gone\.ts' imported from .*game\.ts:2\n/],
    ["imports no package", `import "no-such-package";`, /'no-such-package' imported from .*game\.ts:1\n/],
    [
      "imports no such name",
      `import { nothing } from "@sallyport/game";\nnothing();`,
      /game\.ts:1\n[\s\S]*'nothing'/,
    ],
    ["throws", '\n\nthrow new Error("a bad day");', /Error: a bad day\n +at .*game\.ts:3:7\)?\n/],
    ["exports nothing", define, /game\.ts: it has no default export; write `export default defineGame/],
    ["exports something else", "export default { name: 1 };", /its default export is not made by defineGame/],
    [
      "has a wrong field",
      `${define}export default defineGame({ name: "A B" });`,
      /GameError: name is "A B".*\n +at .*game\.ts:2:16/,
    ],
  ])("if it %s", async (_, text, problem) => {
    const server = up(folder.write("game.ts", text));
    expect(await server.untilEnded()).toBe(1);
    expect(server.output).toMatch(/^Invalid settings:\n {2}GAME: /);
    expect(server.output).toMatch(problem);
    expect(server.output).not.toMatch(/packages\/|node:internal|tsx/);
  });

  test("if it is not there, or is no ES module", async () => {
    const gone = up(join(folder.path, "gone.ts"));
    expect(await gone.untilEnded()).toBe(1);
    expect(gone.output).toContain(`GAME: ${folder.path}/gone.ts does not exist`);
    folder.write("package.json", "{}");
    const common = up(folder.write("game.ts", posts));
    expect(await common.untilEnded()).toBe(1);
    expect(common.output).toContain(`put "type": "module" into ${folder.path}/package.json, or name it`);
  });
});

test("a map with an object that does not fit the game is refused at start, and the object is named", async () => {
  folder.write("maps/yard.map", "name: yard\nspawn: 2,2\nsize: 9x9\nobject: chest Crate 3,4 chest=7\n");
  const server = up(sampleWorld, { MAPS_FOLDER: join(folder.path, "maps"), WORLD_SPAWN: "yard" });
  expect(await server.untilEnded()).toBe(1);
  expect(server.output).toMatch(/^ {2}GAME: yard: the map object Crate at 3,4: properties: chest: /m);
});

describe("a part of the game that does not return", () => {
  const gameWith = (parts: string) => `
    import { defineGame } from "@sallyport/game";
    import { z } from "zod";
    const schema = z.object({ n: z.number() });
    const initial = { n: 0 };
    const endless = () => { for (;;); };
    export default defineGame({ name: "endless", ${parts} });
  `;
  const character = "character: { schema, initial }";
  const stuck = { GAME_STUCK_MS: "500" };
  const endless = gameWith("stepped: endless");

  test("ends the process, which names it, be it a handler, a change of the world or a migration", async () => {
    const change =
      "world: { steps: { schema, initial, changes: { more: { input: null, apply: endless } } } }";
    for (const [parts, named] of [
      [`${character}, stepped: endless`, { handler: "stepped", map: "harbour" }],
      [
        `${character}, ${change}, stepped: (it) => it.changeWorld("steps", "more")`,
        { handler: "world.steps.changes.more", map: null },
      ],
    ] as const) {
      const server = up(folder.write("game.ts", gameWith(parts)), stuck);
      await (await enterAt(server)).leave();
      const player = await enterAt(server);
      await player.walk(player.position.x + 1, player.position.y);
      expect(await server.untilEnded()).toBe(128);
      expect(stuckLine(server)).toMatchObject({ level: 60, server: "up", withinMs: 500, ...named });
      expect((await player.closed).reason).toBe("disconnected");
    }
    const migrates = "character: { schema, initial, version: 2, migrations: { 1: endless } }";
    const server = up(folder.write("game.ts", gameWith(migrates)), stuck);
    const [entered, code] = await Promise.allSettled([enterAt(server), server.untilEnded()]);
    expect([entered.status, code]).toMatchObject(["rejected", { value: 128 }]);
    expect(stuckLine(server)).toMatchObject({ handler: "character.migrations[1]", map: null });
  });

  test("ends a map-server, and its players play on when it is back", async () => {
    const cluster = await SmallCluster.open();
    try {
      const settings = { GAME: folder.write("game.ts", endless), ...stuck };
      const { map, client, again } = await cluster.start(settings);
      const player = await enter(client);
      await player.walk(player.position.x + 1, player.position.y);
      expect(await map.untilEnded()).toBe(128);
      expect(stuckLine(map)).toMatchObject({ server: "map", handler: "stepped", map: "harbour" });
      const next = again("map");
      await next.untilSays(/"game":"endless","msg":"map-server ready"/);
      const metrics = await fetch(`http://127.0.0.1:${await portAfter(next, "admin")}/metrics`);
      expect(await metrics.text()).toContain('sallyport_game_info{game="endless"} 1');
      await (await enter(client)).leave();
    } finally {
      await cluster.close();
    }
  });
});

function stuckLine({ output }: SallyportProcess): unknown {
  const line = output.split("\n").find((each) => each.includes("a handler of the game does not return"));
  return JSON.parse(line ?? "null");
}

/** The number of files and folders that the system watches for this process. */
function watchesOf({ child }: SallyportProcess): number {
  const folder = `/proc/${child?.pid}/fdinfo`;
  const infos = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  return infos.join("").match(/^inotify /gm)?.length ?? 0;
}
