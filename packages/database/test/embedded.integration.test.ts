import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "@sallyport/testkit";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../src/embedded/index.ts";
import { type Database, migrate, openDatabase } from "../src/index.ts";
import { storeContract } from "./contract.ts";
import { bySaver, createCharacter, stateWith, storesOn, take } from "./sample-rows.ts";

/** It takes seconds to create a database, so tests share this one if they need nothing more. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-test-"));
});
afterAll(() => rm(folder, { recursive: true }));

storeContract("stores on the embedded Postgres", async () => {
  // An interrupted creation of the database leaves files like these behind.
  await mkdir(join(folder, "postgres.creating", "base"), { recursive: true });
  await writeFile(join(folder, "postgres.creating", "PG_VERSION"), "18\n");
  const messages: string[] = [];
  const { url, stop } = await startEmbeddedPostgres({ folder, log: (message) => messages.push(message) });
  expect(messages).toEqual(["creating the database (takes about 5 seconds)"]);
  await migrate(url);
  const database = await opened(url);
  return {
    stores: storesOn(database),
    close: async () => {
      await database.close();
      await stop();
    },
  };
});

/** The first connection to an embedded Postgres may take a busy machine longer than servers wait for it. */
const opened = (url: string): Promise<Database> =>
  until(() => openDatabase({ url }), { what: "it is connected in time" });

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  return client;
}

describe("the data folder", () => {
  test("keeps saved data over a stop", async () => {
    const messages: string[] = [];
    const first = await startEmbeddedPostgres({ folder, log: (message) => messages.push(message) });
    const database = await opened(first.url);
    const stores = storesOn(database);
    const { reference } = await createCharacter(stores);
    const taken = await take(stores, reference);
    const attributes = { level: 9 };
    if (!taken.ok) throw new Error(taken.refusal);
    const { charId, fence } = taken.value;
    await stores.characters.save({ ...bySaver, charId, fence, saveNumber: 1, state: stateWith(attributes) });
    await database.close();
    await first.stop();
    expect(messages).toEqual([]);

    const second = await startEmbeddedPostgres({ folder });
    const reopened = await opened(second.url);
    expect(await take(storesOn(reopened), reference)).toMatchObject({
      value: { fence: 2, attributes },
    });
    await reopened.close();
    await second.stop();
  });

  test("keeps every acknowledged write when the process is killed, each time", async () => {
    let acknowledged = 0;
    for (let round = 0; round < 2; round += 1) {
      const { child, url } = await startInChild(folder);
      const client = await connect(url);
      await client.query("CREATE TABLE IF NOT EXISTS writes (number int PRIMARY KEY)");
      const enough = acknowledged + 50;
      const writing = (async () => {
        for (;;) {
          await client.query("INSERT INTO writes VALUES ($1)", [acknowledged]);
          acknowledged += 1;
        }
      })();
      const broken = expect(writing).rejects.toThrow();
      await until(() => acknowledged >= enough, { what: "some writes are acknowledged" });
      child.kill("SIGKILL");
      await broken;

      const embedded = await startEmbeddedPostgres({ folder });
      const reader = await connect(embedded.url);
      const { rows } = await reader.query("SELECT count(*)::int AS count FROM writes");
      // The last write may be stored although its acknowledgement was lost.
      expect([acknowledged, acknowledged + 1]).toContain(rows[0].count);
      acknowledged = rows[0].count;
      await reader.end();
      await embedded.stop();
    }
  });

  test("is refused while another process holds it, and taken over when that process is gone", async () => {
    const holder = spawn("sleep", ["1000"]);
    const stat = readFileSync(`/proc/${holder.pid}/stat`, "utf8");
    const startedAt = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    const lockFile = join(folder, "lock");
    await writeFile(lockFile, JSON.stringify({ pid: holder.pid, startedAt, socket: null }));
    await expect(startEmbeddedPostgres({ folder })).rejects.toThrow(
      `data folder ${folder} is in use by process ${holder.pid}: stop it or set SALLYPORT_DATA`,
    );
    holder.kill("SIGKILL");
    await until(() => !existsSync(`/proc/${holder.pid}`), { what: "the holder is gone" });
    const embedded = await startEmbeddedPostgres({ folder });
    expect(JSON.parse(readFileSync(lockFile, "utf8"))).toMatchObject({ pid: process.pid });
    await embedded.stop();
    expect(existsSync(lockFile)).toBe(false);
  });

  test("is taken over from a process whose id another process has now", async () => {
    await writeFile(join(folder, "lock"), JSON.stringify({ pid: process.pid, startedAt: "1", socket: null }));
    await (await startEmbeddedPostgres({ folder })).stop();
  });

  test("is opened by only one of many processes", async () => {
    const attempts = await Promise.allSettled([1, 2, 3].map(() => startEmbeddedPostgres({ folder })));
    const opened = attempts.flatMap((attempt) => (attempt.status === "fulfilled" ? [attempt.value] : []));
    expect(opened).toHaveLength(1);
    for (const attempt of attempts) {
      if (attempt.status === "rejected") expect(attempt.reason.message).toContain("is in use by process");
    }
    await expect(startEmbeddedPostgres({ folder })).rejects.toThrow("is in use by process");
    await opened[0]?.stop();
  });

  test("of another Postgres is refused", async () => {
    const newer = join(folder, "newer");
    await mkdir(join(newer, "postgres"), { recursive: true });
    await writeFile(join(newer, "postgres", "PG_VERSION"), "99\n");
    await expect(startEmbeddedPostgres({ folder: newer })).rejects.toThrow(
      /created by Postgres 99, .* runs 18/,
    );
    expect(existsSync(join(newer, "lock"))).toBe(false);
  });

  test("is created over the leftovers of an interrupted creation, which are removed", () => {
    expect(existsSync(join(folder, "postgres.creating"))).toBe(false);
    expect(existsSync(join(folder, "postgres", "base"))).toBe(true);
  });

  test("may have a path that is too long for a socket", async () => {
    const deep = join(folder, "x".repeat(120));
    await cp(join(folder, "postgres"), join(deep, "postgres"), { recursive: true });
    const embedded = await startEmbeddedPostgres({ folder: deep });
    const client = await connect(embedded.url);
    const { rows } = await client.query("SHOW server_version");
    expect(rows[0].server_version).toMatch(/^18\./);
    await client.end();
    await embedded.stop();
  });
});

describe("clients of the embedded Postgres, which share one backend,", () => {
  let embedded: EmbeddedPostgres;
  let clients: pg.Client[];
  beforeAll(async () => {
    embedded = await startEmbeddedPostgres({ folder });
    clients = await Promise.all([connect(embedded.url), connect(embedded.url), connect(embedded.url)]);
    await clients[0]?.query("CREATE TABLE IF NOT EXISTS notes (text text)");
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.end()));
    await embedded.stop();
  });

  test("do not mix up their statements, with equal names or without a name", async () => {
    const ask = async (client: pg.Client, number: number): Promise<void> => {
      for (let count = 0; count < 30; count += 1) {
        const named = { name: "same", text: `SELECT ${number} AS mine, $1::int AS count`, values: [count] };
        const unnamed = { text: `SELECT $1::text AS count, ${number} AS mine`, values: [`${count}`] };
        expect((await client.query(named)).rows).toEqual([{ mine: number, count }]);
        expect((await client.query(unnamed)).rows).toEqual([{ mine: number, count: `${count}` }]);
        await expect(client.query("SELECT nothing_like_it")).rejects.toMatchObject({ code: "42703" });
      }
    };
    await Promise.all(clients.map(ask));
  });

  test("do not see into each other's transactions", async () => {
    const [one, two] = clients as [pg.Client, pg.Client];
    await one.query("BEGIN");
    await one.query("INSERT INTO notes VALUES ('draft')");
    const seen = two.query("SELECT * FROM notes");
    await one.query("ROLLBACK");
    expect((await seen).rows).toEqual([]);
  });

  test("leave nothing behind when they disconnect inside a transaction", async () => {
    const [one] = clients as [pg.Client];
    const vanishing = await connect(embedded.url);
    await vanishing.query({ name: "kept", text: "SELECT 1" });
    await vanishing.query("BEGIN");
    await vanishing.query("INSERT INTO notes VALUES ('draft')");
    const socket = (vanishing as unknown as { connection: { stream: { destroy(): void } } }).connection
      .stream;
    socket.destroy();
    expect((await one.query("SELECT * FROM notes")).rows).toEqual([]);
    expect(
      (await one.query("SELECT * FROM pg_prepared_statements WHERE statement = 'SELECT 1'")).rows,
    ).toEqual([]);
  });
});

test("an embedded Postgres that hangs is ended, with a message, and can be started again", async () => {
  const lost: Error[] = [];
  const stuck = await startEmbeddedPostgres({
    folder,
    // A busy machine can connect within this time. The query below needs far longer.
    unansweredMsMax: 3_000,
    onLost: (error) => lost.push(error),
  });
  const client = await connect(stuck.url);
  const asked = expect(client.query("SELECT count(*) FROM generate_series(1, 1e12)")).rejects.toThrow();
  await until(() => lost.length > 0, { what: "its end is told" });
  await asked;
  await expect(stuck.stop()).rejects.toThrow("the embedded Postgres ended");

  const again = await startEmbeddedPostgres({ folder, onLost: (error) => lost.push(error) });
  await again.stop();
  await again.stop();
  expect(lost).toHaveLength(1);
});

/**
 * Runs the worker of the embedded Postgres in a child process that the test can kill. A child process cannot
 * run `startEmbeddedPostgres`, because its source is TypeScript.
 */
async function startInChild(folder: string) {
  const worker = new URL("../embedded-worker.mjs", import.meta.url).href;
  const socketFolder = await mkdtemp(join(tmpdir(), "sallyport-test-"));
  const workerData = {
    task: "serve",
    folder: join(folder, "postgres"),
    listen: join(socketFolder, ".s.PGSQL.5432"),
  };
  const script = `const { Worker } = require("node:worker_threads");
    new Worker(new URL("${worker}"), { workerData: ${JSON.stringify(workerData)} })
      .once("message", () => console.log("ready"));`;
  const child = spawn(process.execPath, ["-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve, reject) => {
    child.stdout.once("data", resolve);
    child.once("exit", (code) => reject(new Error(`the child ended with ${code}`)));
  });
  child.once("exit", () => void rm(socketFolder, { recursive: true, force: true }));
  return { child, url: `postgres://postgres@/postgres?host=${encodeURIComponent(socketFolder)}` };
}
