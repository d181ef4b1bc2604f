import { createServer } from "node:net";
import { Unavailable } from "@sallyport/domain";
import { type RunningPostgres, startPostgres, testDatabase, until } from "@sallyport/testkit";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Database, openDatabase } from "../src/index.ts";

const one = { name: "one", text: "SELECT 1 AS one" };
const sleep = { name: "sleep", text: "SELECT pg_sleep(60)" };
const patient = { name: "patient", text: "SET statement_timeout = 0" };

describe("when Postgres", () => {
  let postgres: RunningPostgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  test("is killed, statements fail as unavailable, and work again when it is back", async () => {
    const lost: Error[] = [];
    const database = await openDatabase({ url: postgres.url, onError: (error) => lost.push(error) });
    const underWay = Array.from({ length: 8 }, () => database.query(sleep, []));
    const settled = Promise.allSettled(underWay);
    await until(async () => (await activeSleeps(postgres.url)) === 4, {
      what: "every connection sleeps",
    });
    await postgres.kill();
    for (const result of await settled) expect(result).toMatchObject({ reason: expect.any(Unavailable) });
    await expect(database.query(one, [])).rejects.toBeInstanceOf(Unavailable);
    expect(lost.length).toBeGreaterThan(0);
    await postgres.start();
    expect(await until(() => database.query(one, []), { what: "it is used again" })).toEqual([{ one: 1 }]);
    await database.close();
    await expect(database.query(one, [])).rejects.toBeInstanceOf(Unavailable);
  });

  test("loses every connection to an administrator, only the statements under way fail", async () => {
    const database = await openDatabase({ url: postgres.url, connections: 1 });
    const underWay = expect(database.query(sleep, [])).rejects.toBeInstanceOf(Unavailable);
    await until(async () => (await activeSleeps(postgres.url)) === 1, { what: "it sleeps" });
    await ask(
      postgres.url,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%sleep(60)'",
    );
    await underWay;
    expect(await database.query(one, [])).toEqual([{ one: 1 }]);
    await database.close();
  });
});

describe("a statement", () => {
  let database: Database;
  let url: string;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    ({ url, drop } = await testDatabase());
    database = await openDatabase({ url, connections: 1, pendingMax: 100 });
  });
  afterAll(async () => {
    await database.close();
    await drop();
  });

  test("that takes the server too long is unavailable, and those behind it are answered", async () => {
    // Postgres cancels the statement two seconds before the client gives up the next one.
    const waiting = await openDatabase({ url, connections: 1, answerMsMax: 6_000 });
    const slow = expect(waiting.query(sleep, [])).rejects.toMatchObject({
      name: "Unavailable",
      cause: { code: "57014" },
    });
    expect(await waiting.query(one, [])).toEqual([{ one: 1 }]);
    await slow;
    await waiting.close();
  });

  test("that is never answered gives up its connection, and the next statement gets another", async () => {
    const waiting = await openDatabase({ url, connections: 1, answerMsMax: 3_000 });
    await waiting.query(patient, []);
    const unanswered = [waiting.query(sleep, []), waiting.query(one, [])];
    for (const result of await Promise.allSettled(unanswered)) {
      expect(result).toMatchObject({ reason: expect.any(Unavailable) });
    }
    expect(await waiting.query(one, [])).toEqual([{ one: 1 }]);
    await waiting.close();
  });

  test("that violates a constraint, or is wrong, does not harm others on its connection", async () => {
    const wrong = { name: "wrong", text: "SELECT 1 / $1::int" };
    const outcomes = await Promise.allSettled([
      database.query(one, []),
      database.query(wrong, [0]),
      database.query(wrong, ["x"]),
      database.query({ name: "nonsense", text: "SELEKT" }, []),
      database.query(wrong, [1]),
      database.query(one, []),
    ]);
    expect(outcomes.map((outcome) => (outcome.status === "fulfilled" ? "ok" : outcome.reason.code))).toEqual([
      "ok",
      "22012",
      "22P02",
      "42601",
      "ok",
      "ok",
    ]);
  });

  test("beyond the bound is refused at once", async () => {
    const flood = Array.from({ length: 150 }, () => database.query(one, []));
    const outcomes = await Promise.allSettled(flood);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(100);
    expect(await database.query(one, [])).toEqual([{ one: 1 }]);
  });
});

describe("opening", () => {
  test("a server that accepts the connection and never answers fails within the bound", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await until(() => silent.listening, { what: "listening" });
    const { port } = silent.address() as { port: number };
    const opening = openDatabase({ url: `postgres://me:secret@127.0.0.1:${port}/db`, answerMsMax: 100 });
    await expect(opening).rejects.toThrow(/DATABASE_URL postgres:\/\/me@127.0.0.1:\d+\/db: /);
    silent.close();
  });

  test("a database that does not exist fails with that reason", async () => {
    const { url, drop } = await testDatabase();
    await drop();
    await expect(openDatabase({ url })).rejects.toThrow(/DATABASE_URL .*: database ".*" does not exist/);
  });
});

async function ask(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function activeSleeps(url: string): Promise<number> {
  const rows = await ask(
    url,
    "SELECT FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(60)'",
  );
  return rows.length;
}
