import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ClientFile } from "../src/client-file.ts";
import { InputEnded, openPrompt } from "../src/prompt.ts";
import { startMenu } from "../src/start-menu.ts";
import { frameOf, HandMadeServer } from "./hand-made-server.ts";

let folder: string;
let file: ClientFile;
let server: HandMadeServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "boards-"));
  file = new ClientFile(join(folder, "boards.json"));
  server = await HandMadeServer.open();
  server.answer = ({ type }) =>
    type === "token"
      ? frameOf({ type: "token", token: "a token", expires: 4_102_444_800 })
      : frameOf(type === 21 ? { success: true, data: [4] } : { success: true, data: null });
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** Types these lines, and returns what was shown. */
async function typed(...lines: readonly string[]): Promise<string> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let shown = "";
  output.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
  });
  input.end(lines.map((line) => `${line}\n`).join(""));
  const prompt = openPrompt({ input, output });
  const needs = { file, nowMs: Date.now, password: (of: string) => prompt.secret(`password of ${of}`) };
  await startMenu(prompt, needs).catch((error: unknown) => {
    if (!(error instanceof InputEnded)) throw error;
  });
  prompt.close();
  return shown;
}

const at = (): string => `127.0.0.1:${server.address.port}`;
const known = () => ["e", "0", "home", at(), "a", "boards", at()];

test("servers are added, edited and removed by their numbers, and 0 is the authentication server", async () => {
  await typed(
    "e",
    "0",
    "home",
    "127.0.0.1:1",
    "A",
    "one",
    "tls://one.example:2",
    "a",
    "two",
    "two.example:3",
    "q",
    "r",
    "1",
  );
  expect((await file.read()).resourceServers).toEqual([
    { name: "one", host: "one.example", port: 2, isSecure: true, audience: "resource" },
    { name: "two", host: "two.example", port: 3, isSecure: false, audience: "resource" },
  ]);
  await typed("e", "2", "second", "two.example:4", "r", "1", "e", "0", "home", "127.0.0.1:5", "q");
  expect(await file.read()).toMatchObject({
    authenticationServer: { name: "home", port: 5, isSecure: false },
    resourceServers: [{ name: "second", host: "two.example", port: 4, audience: "resource" }],
  });
});

test("what is typed wrongly is asked for again, and an empty line ends the question", async () => {
  const shown = await typed(
    "z",
    "a",
    "x".repeat(21),
    "one",
    "nowhere",
    "",
    "c",
    "a",
    "one",
    "one.example:1",
    "r",
    "7",
    "1",
    "q",
  );
  expect(shown).toContain("Type one of: C, A, E, R, Q");
  expect(shown).toContain("! the name of a server is 1 to 20 visible characters");
  expect(shown).toContain("! nowhere: expected an address like");
  expect(shown).toContain("! nothing was done");
  expect(shown).toContain("! there is no resource-server yet: add one first");
  expect(shown).toContain("! there is no server 7");
  expect((await file.read()).resourceServers).toEqual([]);
});

/** The menus with their numbers, as the seed has them, and the request that each item sends. */
test.each<readonly [what: string, lines: readonly string[], asked: object]>([
  ["basic 1", ["1"], { type: 1 }],
  [
    "basic 3",
    ["3", "Shells", "write", "desc"],
    { type: 3, leaderboard_name: "Shells", leaderboard_permission: 2, leaderboard_ascending: false },
  ],
  ["basic 4", ["4"], { type: 5 }],
  ["board 1", ["2", "9", "1"], { type: 2, leaderboard_id: 9 }],
  ["board 2", ["2", "9", "2"], { type: 6, leaderboard_id: 9 }],
  [
    "board 3",
    ["2", "9", "3", "7.5", "a comment"],
    { type: 4, leaderboard_id: 9, score: 7.5, comment: "a comment" },
  ],
  [
    "board 3 without a comment",
    ["2", "9", "3", "-7", ""],
    { type: 4, leaderboard_id: 9, score: -7, comment: "" },
  ],
  ["board 5", ["2", "9", "5"], { type: 7, leaderboard_id: 9 }],
  ["board 6", ["2", "9", "6", "asc"], { type: 17, leaderboard_id: 9, ascending: true }],
  ["board 7", ["2", "9", "7", "y"], { type: 12, leaderboard_id: 9 }],
  ["entry 3", ["2", "9", "4", "8", "3", "5"], { type: 19, file_id: 5 }],
  ["entry 4", ["2", "9", "4", "8", "4", "3", "y"], { type: 20, file_id: 3 }],
  ["entry 6", ["2", "9", "4", "8", "6", "well done"], { type: 13, entry_id: 8, content: "well done" }],
  ["entry 7", ["2", "9", "4", "8", "7"], { type: 11, entry_id: 8, verified: true }],
  ["entry 8", ["2", "9", "4", "8", "8"], { type: 11, entry_id: 8, verified: false }],
  ["entry 9", ["2", "9", "4", "8", "9", "yes"], { type: 14, entry_id: 8 }],
  ["user 1", ["5", "4", "1"], { type: 9, user_id: 4 }],
  ["user 2", ["5", "4", "2"], { type: 10, user_id: 4 }],
  ["user 3", ["5", "4", "3", "9", "moderate"], { type: 15, user_id: 4, leaderboard_id: 9, permission: 3 }],
  ["user 5", ["6", "5", "y"], { type: 16, user_id: 4 }],
  ["an entry from a user", ["6", "4", "8", "7"], { type: 11, entry_id: 8, verified: true }],
])("%s sends its request", async (_what, lines, asked) => {
  await typed(...known(), "c", "1", "alice", "correct horse", ...lines);
  expect(server.asked.at(-1)).toEqual({ ...asked, identity: "alice", token: "a token" });
});

test.each(["1", "5"])("entry %s asks for the entry that was opened once more", async (item) => {
  const seen = () => server.asked.filter(({ type, entry_id }) => type === 8 && entry_id === 8).length;
  await typed(...known(), "c", "1", "alice", "correct horse", "2", "9", "4", "8");
  expect(seen()).toBe(1);
  await typed("c", "1", "alice", "2", "9", "4", "8", item);
  expect(seen()).toBe(3);
});

test("a removal that is not confirmed sends nothing", async () => {
  await typed(
    ...known(),
    "c",
    "1",
    "alice",
    "correct horse",
    "2",
    "9",
    "7",
    "n",
    "7",
    "",
    "4",
    "8",
    "4",
    "3",
    "n",
  );
  expect(server.asked.filter(({ type }) => type === 12 || type === 20)).toEqual([]);
});

test.each([
  ["board", ["2", "9"], 2],
  ["user", ["5", "9"], 9],
  ["entry", ["2", "1", "4", "9"], 8],
])("a %s that the server does not have gets no menu", async (what, lines, asks) => {
  const { answer } = server;
  const isMissing = (asked: { readonly [field: string]: unknown }) => asked["type"] === asks;
  server.answer = (asked) =>
    isMissing(asked) ? frameOf({ success: false, data: "There is none." }) : answer(asked);
  const shown = await typed(...known(), "c", "1", "alice", "correct horse", ...lines);
  expect(shown).toContain("! boards refused: There is none.");
  expect(shown.toLowerCase()).not.toContain(`\n${what} 9\n`);
});

test("a refused request is shown, and the menu goes on; the identity that was used last is offered", async () => {
  server.answer = ({ type }) =>
    type === "token"
      ? frameOf({ type: "token", token: "a token", expires: 4_102_444_800 })
      : frameOf({ success: false, data: "Access Denied" });
  const shown = await typed(
    ...known(),
    "c",
    "1",
    "alice",
    "correct horse",
    "1",
    "4",
    "0",
    "c",
    "1",
    "",
    "0",
    "q",
  );
  expect(shown.match(/! boards refused: Access Denied/g)).toHaveLength(2);
  expect(shown).toContain("identity [alice]: ");
  expect(shown).not.toContain("correct horse");
  expect(server.asked.filter(({ type }) => type === "token")).toHaveLength(1);
});
