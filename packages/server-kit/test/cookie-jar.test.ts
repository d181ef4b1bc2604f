import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cookieFile, silentLog } from "../src/index.ts";
import { heardLog } from "./heard-log.ts";

const cookie = new Uint8Array(32).fill(7);
const next = new Uint8Array(32).fill(8);

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "cookies-"));
});
afterEach(() => rm(root, { recursive: true }));

const jarIn = (folder: string, log = silentLog()) => cookieFile({ folder, name: "map-map-1", log });

describe("a cookie file", () => {
  test("is empty at first, and its folder is created", async () => {
    const folder = join(root, "data", "cookies");
    const jar = jarIn(folder);
    expect(await jar.load()).toBeNull();
    await jar.store(cookie);
    expect(await jar.load()).toEqual(cookie);
    expect(await readdir(folder)).toEqual(["map-map-1.cookie"]);
  });

  test("keeps the newest cookie for the next process, and none after it was given back", async () => {
    const jar = jarIn(root);
    await jar.store(cookie);
    await jar.store(next);
    expect(await jarIn(root).load()).toEqual(next);
    await jar.store(null);
    expect(await jarIn(root).load()).toBeNull();
    expect(await readdir(root)).toEqual([]);
    await jar.store(null);
  });

  test("cannot be read by other users", async () => {
    await jarIn(root).store(cookie);
    expect((await stat(join(root, "map-map-1.cookie"))).mode & 0o777).toBe(0o600);
  });

  test("is replaced as a whole: a half-written one of a killed process does not count", async () => {
    const jar = jarIn(root);
    await jar.store(cookie);
    await writeFile(join(root, "map-map-1.cookie.part"), next.subarray(0, 5), { mode: 0o644 });
    expect(await jar.load()).toEqual(cookie);
    await jar.store(next);
    expect(await jar.load()).toEqual(next);
    expect(await readdir(root)).toEqual(["map-map-1.cookie"]);
  });

  test("with anything else is ignored", async () => {
    await writeFile(join(root, "map-map-1.cookie"), "not a cookie");
    expect(await jarIn(root).load()).toBeNull();
  });

  test("that cannot be written does not stop the server, and the log says so, without the cookie", async () => {
    const { log, lines } = heardLog();
    const folder = join(root, "file");
    await writeFile(folder, "in the way");
    const jar = jarIn(folder, log);
    await jar.store(cookie);
    expect(await jar.load()).toBeNull();
    expect(lines[0]).toMatchObject({
      level: 40,
      msg: "the cookie file cannot be read or written",
      why: expect.any(String),
    });
    expect(await readFile(folder, "utf8")).toBe("in the way");
    await mkdir(join(root, "map-map-1.cookie"));
    expect(await jarIn(root, log).load()).toBeNull();
  });

  test.runIf(process.platform === "linux")(
    "whose folder cannot be created does not stop the server either",
    async () => {
      const { log, lines } = heardLog();
      const jar = jarIn("/proc/x/cookies", log);
      await jar.store(cookie);
      expect(lines).toMatchObject([
        { level: 40, msg: "the cookie file cannot be read or written", why: "ENOENT" },
      ]);
      expect(await jar.load()).toBeNull();
    },
  );
});
