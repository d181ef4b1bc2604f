import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { Redis } from "ioredis";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { startPostgres, startRedis, testDatabase, testRedis, until } from "../src/index.ts";
import { holdLeash, temporaryFolder } from "../src/store-process.ts";

async function rowsOf(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe("a database for a test", () => {
  test("is migrated once and belongs to one test alone", async () => {
    let migrations = 0;
    const migrate = async (url: string): Promise<void> => {
      migrations += 1;
      await rowsOf(url, "CREATE TABLE things (name text)");
    };
    const [one, other] = await Promise.all([
      testDatabase({ migrate, template: "things" }),
      testDatabase({ migrate, template: "things" }),
    ]);
    await rowsOf(one.url, "INSERT INTO things VALUES ('mine')");
    expect(await rowsOf(one.url, "SELECT name FROM things")).toEqual([{ name: "mine" }]);
    expect(await rowsOf(other.url, "SELECT name FROM things")).toEqual([]);
    expect(migrations).toBe(1);
    await one.drop();
    await expect(rowsOf(one.url, "SELECT 1")).rejects.toMatchObject({ code: "3D000" });
    await other.drop();
  });

  test("keeps acknowledged writes when its server is killed", async () => {
    const postgres = await startPostgres();
    try {
      const database = await postgres.createDatabase();
      await rowsOf(database.url, "CREATE TABLE things (name text)");
      await rowsOf(database.url, "INSERT INTO things VALUES ('kept')");
      await postgres.kill();
      await expect(rowsOf(database.url, "SELECT 1")).rejects.toThrow();
      await postgres.start();
      expect(await rowsOf(database.url, "SELECT name FROM things")).toEqual([{ name: "kept" }]);
    } finally {
      await postgres.stop();
    }
  });
});

describe("a Redis for a test", () => {
  test("is shared under a prefix that no other test has", async () => {
    const [one, other] = [testRedis(), testRedis()];
    const redis = new Redis(one.url);
    await redis.set(`${one.prefix}key`, "mine");
    await redis.set(`${other.prefix}key`, "theirs");
    await one.clear();
    expect(await redis.mget(`${one.prefix}key`, `${other.prefix}key`)).toEqual([null, "theirs"]);
    await other.clear();
    redis.disconnect();
  });

  test.each([
    { persistent: false, kept: null },
    { persistent: true, kept: "value" },
  ])(
    "comes back after a kill, with its data when persistent is $persistent",
    async ({ persistent, kept }) => {
      const server = await startRedis({ persistent });
      const redis = new Redis(server.url, { retryStrategy: () => 5 });
      redis.on("error", () => {});
      try {
        await redis.set("key", "value");
        await server.kill();
        await server.start();
        expect(await redis.get("key")).toBe(kept);
        await server.flushAll();
        expect(await redis.get("key")).toBe(null);
      } finally {
        redis.disconnect();
        await server.stop();
      }
    },
  );
});

test("no server outlives the process that started it", async () => {
  const folder = temporaryFolder("leash");
  const server = spawn("sleep", ["1000"]);
  const leash = holdLeash(server.pid ?? 0, folder);
  leash.stdin?.end(); // what the kernel does when this process is killed
  await until(() => server.signalCode !== null && !existsSync(folder), {
    what: "server and folder are gone",
  });
});
