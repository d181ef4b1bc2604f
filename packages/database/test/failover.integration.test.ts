import { Unavailable } from "@sallyport/domain";
import { type RunningPostgres, type StandbyPostgres, startPostgres, until } from "@sallyport/testkit";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createWriteProof, type Database, migrate, openDatabase } from "../src/index.ts";

/* These tests use a Postgres that refuses writes, because it is a standby or has become one. */

let primary: RunningPostgres;
let standby: StandbyPostgres;
/** This URL names both servers, the standby first. */
let both: string;
beforeAll(async () => {
  primary = await startPostgres();
  await migrate(primary.url);
  standby = await primary.startStandby();
  const host = ({ url }: RunningPostgres) =>
    encodeURIComponent(new URL(url.replace("@/", "@x/")).searchParams.get("host") ?? "");
  both = `postgres://postgres@${host(standby)},${host(primary)}/postgres?target_session_attrs=read-write`;
});
afterAll(async () => {
  await standby.stop();
  await primary.stop();
});

const read = { name: "read", text: "SELECT count(*)::int AS count FROM accounts" };

async function ask(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: primary.url });
  await client.connect();
  await client.query(text);
  await client.end();
}

/**
 * Returns a function that makes a new write at each call. Its clock moves on, so it reuses no earlier proof.
 */
function writesOn(database: Database): () => Promise<void> {
  let nowMs = 0;
  return createWriteProof(database, () => (nowMs += 1_000));
}

test("a standby is refused at the start, with its name", async () => {
  await expect(openDatabase({ url: standby.url })).rejects.toThrow(
    /cannot use Postgres at DATABASE_URL .*: it is read-only, as a standby is/,
  );
  await expect(migrate(standby.url)).rejects.toThrow(/it is read-only/);
});

test("a server that refuses writes gets no statements, not even reads, until it takes writes again", async () => {
  const database = await openDatabase({ url: primary.url });
  const prove = writesOn(database);
  await Promise.all(Array.from({ length: 8 }, prove));
  await ask("ALTER SYSTEM SET default_transaction_read_only TO on");
  await ask("SELECT pg_reload_conf()");
  await until(
    () =>
      prove().then(
        () => false,
        (error) => error instanceof Unavailable,
      ),
    { what: "a write is refused" },
  );
  await expect(prove()).rejects.toBeInstanceOf(Unavailable);
  for (let lane = 1; lane <= 4; lane += 1) {
    await expect(database.query(read, [])).rejects.toMatchObject({
      message: expect.stringMatching(/it is read-only/),
    });
  }
  await ask("ALTER SYSTEM RESET default_transaction_read_only");
  await ask("SELECT pg_reload_conf()");
  await until(() => prove().then(() => true), { what: "writes are accepted again" });
  await database.close();
});

test("of several hosts, the one that takes writes is used, and after a failover the other", async () => {
  await migrate(both);
  const database = await openDatabase({ url: both });
  const prove = writesOn(database);
  await prove();
  await primary.kill();
  const namesBoth = /: connect ECONNREFUSED .*; .*: it is read-only, as a standby is$/;
  const refusal = (error: unknown): boolean => {
    expect(error).toBeInstanceOf(Unavailable);
    return namesBoth.test((error as Unavailable).message);
  };
  // A lost connection may be noticed only at the next statement on it, so the write is repeated.
  await until(() => prove().then(() => false, refusal), { what: "a write names the errors of both" });
  await standby.promote();
  await until(() => prove().then(() => true), { what: "the standby accepts writes" });
  expect(await database.query(read, [])).toEqual([{ count: 0 }]);
  await database.close();
});
