import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { emptyData, withToken } from "../src/client-data.ts";
import { ClientFile, usualFile } from "../src/client-file.ts";

let folder: string;
let file: ClientFile;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "boards-"));
  file = new ClientFile(join(folder, "sallyport", "boards.json"));
});
afterEach(() => rm(folder, { recursive: true }));

const token = { audience: "resource", token: "secret", expires: 1 };
const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

test("without a file there is no data, and none is made by reading", async () => {
  expect(await file.read()).toEqual(emptyData);
  expect(await readdir(folder)).toEqual([]);
});

test("a change is there for the next reader, and only the owner may read the file", async () => {
  await file.change((data) => withToken(data, "alice", token));
  expect(await new ClientFile(file.path).read()).toEqual(withToken(emptyData, "alice", token));
  expect(await modeOf(file.path)).toBe(0o600);
  expect(await modeOf(join(folder, "sallyport"))).toBe(0o700);
  expect(await readdir(join(folder, "sallyport"))).toEqual(["boards.json"]);
});

test("a file that others may read is closed to them", async () => {
  await file.change((data) => withToken(data, "alice", token));
  await chmod(file.path, 0o644);
  await file.read();
  expect(await modeOf(file.path)).toBe(0o600);
});

test.each(["{", "null", "[]", '{"version":2}', "a diary"])(
  "a file with %j is not of this client, and stays as it is",
  async (text) => {
    const other = new ClientFile(join(folder, "other.json"));
    await writeFile(other.path, text);
    await expect(other.change((data) => data)).rejects.toThrow("is not a file of this client");
    expect(await readFile(other.path, "utf8")).toBe(text);
  },
);

test("a change that fails leaves the file as it was", async () => {
  await file.change((data) => withToken(data, "alice", token));
  const fails = file.change(() => {
    throw new Error("no");
  });
  await expect(fails).rejects.toThrow("no");
  expect(await file.read()).toEqual(withToken(emptyData, "alice", token));
});

test("the file is where the settings say, or else in the folder for settings", () => {
  expect(usualFile({ BOARDS_FILE: "/a/b.json", XDG_CONFIG_HOME: "/c" })).toBe("/a/b.json");
  expect(usualFile({ XDG_CONFIG_HOME: "/c" })).toBe("/c/sallyport/boards.json");
  expect(usualFile({ XDG_CONFIG_HOME: "" })).toMatch(/\/\.config\/sallyport\/boards\.json$/);
});
