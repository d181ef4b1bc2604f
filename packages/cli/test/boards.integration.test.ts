import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { addBoards } from "@sallyport/boards";
import {
  builtCommand,
  must,
  SallyportProcess,
  type TestDatabase,
  testDatabase,
  until,
} from "@sallyport/testkit";
import { Command } from "commander";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { GameFolder } from "./game-module.ts";
import { clientAt, enter } from "./player.ts";

/*
 * `sallyport boards` with a real login-server, resource-server and game. Processes show what people and scripts
 * see. Most commands run in this process, because the start of fifty programs takes a minute.
 */

const password = "correct horse";
const folder = mkdtempSync(join(tmpdir(), "sallyport-boards-"));
const file = join(folder, "boards.json");
const game = new GameFolder();
let server: SallyportProcess;
let database: TestDatabase;
let places: { readonly login: number; readonly token: string; readonly resource: string };

/** Each player has a score as it enters. */
const greets = `import { defineGame } from "@sallyport/game";
export default defineGame({
  name: "greets",
  entered(it) { it.submitScore("Visits", 7.5, "through the gate"); },
});`;

beforeAll(async () => {
  database = await testDatabase();
  server = new SallyportProcess({
    ...{ name: "sallyport up", args: ["up"], folder: join(folder, "data") },
    environment: {
      ...{ LOGIN_PORT: "0", CHAR_PORT: "0", MAP_PORT: "0", TOKEN_PORT: "0", RESOURCE_PORT: "0" },
      ...{ ADMIN_PORT: "0", LOG_LEVEL: "info", GAME: game.write("game.ts", greets) },
      DATABASE_URL: database.url,
    },
  });
  server.spawn();
  await server.untilSays(/Sallyport is up/);
  const found = async (line: RegExp): Promise<string> => String((await server.untilSays(line))[1]);
  expect(server.output).toMatch(/boards -- auth-server here [\d.:]+\n.* boards -- add-server here [\d.:]+\n/);
  places = {
    login: Number(await found(/login [\d.]+:(\d+)/)),
    token: await found(/identity tokens, login ([\d.]+:\d+)/),
    resource: await found(/leaderboards: +([\d.]+:\d+)/),
  };
  const admin = `http://127.0.0.1:${await found(/"admin":\{"host":"127\.0\.0\.1","port":(\d+)\}/)}`;
  for (const name of ["root", "alice", "bob"])
    must(await clientAt(places.login).register({ name, password, sex: "female" }));
  const promoted = await run(["account", "role", "root", "administrator", "--admin", admin]);
  expect(promoted.code, promoted.said).toBe(0);
});
afterAll(async () => {
  await server?.kill();
  await database.drop();
  game.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs as a process, like at a terminal. */
const run = async (args: readonly string[], input?: string, more: Record<string, string> = {}) => {
  const ran = new SallyportProcess({
    ...{ name: `sallyport ${args.join(" ")}`, args, folder: join(folder, "data") },
    environment: { BOARDS_FILE: file, ...more },
    ...(input !== undefined && { input }),
  });
  ran.spawn();
  const code = await ran.untilEnded();
  return { code, said: ran.output };
};

/** Runs in this process. */
async function runHere(args: readonly string[], input = "") {
  const program = new Command("sallyport");
  const output = new PassThrough();
  let said = "";
  output.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  let code = 0;
  addBoards(program.command("boards"), {
    environment: { BOARDS_FILE: file },
    ...{ input: Readable.from(input === "" ? [] : [input]), output, errors: output, nowMs: Date.now },
    complain(error, exitCode) {
      code = exitCode;
      output.write(`sallyport: ${error instanceof Error ? error.message : String(error)}\n`);
    },
  });
  await program.parseAsync(["boards", ...args], { from: "user" });
  return { code, said };
}

const boards = (...args: readonly string[]) => runHere(args);

/** Types these lines in the menus of an identity that is logged in. */
async function menus(identity: string, ...lines: readonly string[]): Promise<string> {
  const { code, said } = await runHere([], `${["c", "1", identity, ...lines].join("\n")}\n`);
  expect(code, said).toBe(0);
  return said;
}

/** The data of the answer, for a command with `--json`. */
async function data<T>(...args: readonly string[]): Promise<T> {
  const { code, said } = await boards(...args, "--json");
  expect(code, said).toBe(0);
  return JSON.parse(said) as T;
}

async function logIn(name: string): Promise<void> {
  const { code, said } = await runHere(["login", "--as", name], `${password}\n`);
  expect([code, said]).toEqual([0, `${name} has a token.\n`]);
}

beforeEach(async () => {
  rmSync(file, { force: true });
  expect((await boards("auth-server", "home", places.token)).code).toBe(0);
  expect((await boards("add-server", "boards", places.resource)).code).toBe(0);
});

describe("a script", () => {
  test("needs the password once, and then asks everything with the token in the file", async () => {
    const asked = await run(["boards", "list", "--as", "alice"]);
    expect([asked.code, asked.said]).toEqual([
      2,
      "sallyport: password of alice at home: nothing was given\n",
    ]);
    await logIn("alice");
    expect(await data("me")).toEqual([expect.any(Number)]);
    const kept = readFileSync(file, "utf8");
    expect(kept).toContain('"token"');
    expect(kept).not.toContain(password);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await boards("logout")).code).toBe(0);
    expect((await boards("me")).code).toBe(2);
    const byVariable = await run(["boards", "me", "--json"], undefined, { BOARDS_PASSWORD: password });
    expect(byVariable.code).toBe(0);
  });

  test("and menus send every request, as administrator, as author, and as a stranger", async () => {
    for (const name of ["bob", "root", "alice"]) await logIn(name);
    const [alice] = await data<[number]>("me");
    const refused = await boards("create", "Shells", "read", "descending");
    expect(refused).toEqual({ code: 1, said: "sallyport: boards refused: Access Denied\n" });

    const board = String(await data<number>("create", "Shells", "read", "descending", "--as", "root"));
    const user = String(alice);
    expect(await menus("root", "5", user, "3", board, "write")).toContain("Set.");
    const submit = ["submit", board, "-2.5", "--comment", "from the beach", "--as", "alice"] as const;
    const entry = String(await data<number>(...submit));
    expect((await boards("entry", entry, "--as", "bob")).code).toBe(1);
    const moderated = await menus(
      ...["root", "1", "4", "2", board, "2", "5", "4", entry, "7", "6", "well done", "5", "0", "0"],
      ...["5", user, "1", "2"],
    );
    for (const each of [
      ...[
        /Shells +moderate/,
        /alice +-2\.5 +\S+ \S+ UTC$/m,
        /alice +write/,
        /Verified\./,
        /root +\S+ \S+ UTC +well done/,
      ],
      ...[/\d+ +alice/, /-2\.5 +yes/, /\d+ +write/],
    ])
      expect(moderated).toMatch(each);

    const proof = join(folder, "proof.bin");
    writeFileSync(proof, Buffer.from([0, 1, 254, 255]));
    expect(await menus("alice", "2", board, "4", entry, "2", proof)).toContain("Added.");
    const shown = (await boards("entry", entry, "--as", "bob")).said;
    for (const each of [/alice/, /by root/, /from the beach/, /well done/, /proof\.bin/])
      expect(shown).toMatch(each);
    const [, fileId = ""] = /(\d+) +proof\.bin/.exec(shown) ?? [];
    const copy = join(folder, "copy.bin");
    expect((await boards("proof", fileId, copy, "--as", "bob")).said).toBe(`Written to ${copy}.\n`);
    expect(readFileSync(copy)).toEqual(readFileSync(proof));
    expect(await menus("bob", "2", board, "1", "4", entry, "3", fileId, copy)).toContain("exists already");
    const all = await data<unknown[]>("users", "--as", "bob");
    expect(await data("users", "--limit", "1", "--offset", "1", "--as", "bob")).toEqual([all[1]]);

    const withdrawn = await menus("alice", "2", board, "4", entry, "4", fileId, "y", "9", "y", "1");
    expect(withdrawn.match(/Removed\./g)).toHaveLength(2);
    expect(withdrawn).toContain("It has no entries.");
    const removed = await menus("root", "2", board, "6", "asc", "7", "y", "5", user, "5", "y", "1");
    expect(removed.match(/Removed\./g)).toHaveLength(2);
    expect(removed).toContain("There are no boards that you may read.");

    const spare = await data<number>("create", "Spare", "read", "asc", "--as", "root");
    const remove = ["remove-board", String(spare), "--as", "root"];
    expect(await boards(...remove)).toMatchObject({ code: 2, said: expect.stringContaining("Add --yes") });
    expect(await boards(...remove, "--yes")).toEqual({ code: 0, said: "Removed.\n" });
  });

  test("is told what is wrong: the command, the password, or a server that is not there", async () => {
    const wrong = await run(["boards", "login", "--as", "alice"], "incorrect horse\n");
    expect(wrong.code).toBe(1);
    expect(wrong.said).toContain("home gave no token for alice: wrong name or password");
    await logIn("alice");
    expect(await boards("show", "first")).toMatchObject({
      code: 2,
      said: expect.stringContaining("board: "),
    });
    expect(await run(["boards", "shwo"])).toMatchObject({
      code: 2,
      said: expect.stringContaining("unknown command shwo"),
    });
    expect((await boards("add-server", "gone", "127.0.0.1:1")).code).toBe(0);
    const gone = await boards("list", "--server", "gone");
    expect(gone).toMatchObject({ code: 3, said: expect.stringContaining("no answer from 127.0.0.1:1") });
  });
});

describe("a person", () => {
  test("goes through the menus, and gives the password once", async () => {
    rmSync(file);
    const typed = [
      ...["e", "0", "home", places.token, "a", "boards", places.resource],
      ...["c", "1", "bob", password, "1", "4", "6", "1", "0", "0", "q"],
    ];
    const { code, said } = await run(["boards"], `${typed.join("\n")}\n`);
    expect(code).toBe(0);
    expect(said).toContain("bob at boards");
    expect(said).toMatch(/User +bob/);
    expect(said).not.toContain(password);
  });

  test("types a password at the terminal that is not shown", async () => {
    const command = `${process.execPath} ${builtCommand} boards login --as alice`;
    // It gives the command a terminal, and shows what the terminal shows.
    const script = spawn("script", ["-qec", command, "/dev/null"], {
      env: { PATH: process.env["PATH"], BOARDS_FILE: file, SALLYPORT_DATA: folder },
    });
    let shown = "";
    for (const stream of [script.stdout, script.stderr])
      stream.on("data", (chunk: Buffer) => {
        shown += chunk.toString();
      });
    await until(() => shown.includes("password of alice at home: "), { what: "the question" });
    const ended = new Promise<number | null>((resolve) => script.once("close", resolve));
    script.stdin.write(`${password}\r`);
    expect(await ended).toBe(0);
    expect(shown).toContain("alice has a token.");
    expect(shown).not.toContain("correct");
  });
});

test("a score that a game submits for its player becomes a verified entry, once there is a board for it", async () => {
  await logIn("bob");
  await logIn("root");
  const board = String(await data<number>("create", "Visits", "read", "descending"));
  const playing = await enter(clientAt(places.login), "walker");
  await until(async () => /walker/.test((await boards("show", board, "--as", "bob")).said), {
    what: "the entry of the game",
  });
  const { entries } = await data<{ entries: unknown[][] }>("show", board, "--as", "bob");
  expect(entries).toHaveLength(1);
  expect(entries[0]?.slice(2, 4)).toEqual(["walker", 7.5]);
  const shown = (await boards("entry", String(entries[0]?.[0]), "--as", "bob")).said;
  expect(shown).toContain("by the game");
  expect(shown).toContain("through the gate");
  await playing.leave();
});
