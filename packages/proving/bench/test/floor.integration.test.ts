import { Rig } from "@sallyport/rig";
import { until } from "@sallyport/testkit";
import { Redis } from "ioredis";
import pg from "pg";
import { expect, test } from "vitest";
import { startFloor } from "../src/contenders/floor.ts";
import { placesFor } from "../src/contenders/places.ts";
import { hop } from "../src/generator/ragnarok.ts";

const password = "correct horse";
const names = ["ann", "ben", "cleo"];
const places = placesFor(names.length, { cellsApart: 18, sideMax: 100 });

const endOtherConnections = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid()`;

test("a hop through the floor costs 6 changes in Redis, 2 reads and 1 update of Postgres, and no more", async () => {
  await Rig.open({ name: "floor-test", graceMs: 5_000 }, async (rig) => {
    const floor = await startFloor({ rig, accounts: { names, password, places }, tell: () => {} });
    const redis = new Redis(floor.redisUrl);
    const database = new pg.Client(floor.databaseUrl);
    await database.connect();
    const { login } = floor;
    const usedToFill = await usedIn(database);
    const hopAll = async (): Promise<void> => {
      for (const account of names) await hop({ login, account, password, received: () => {} });
    };
    // At its first change, each server loads the script. This must not count.
    await hopAll();
    const before = await callsOf(redis);
    await hopAll();
    const after = await callsOf(redis);
    const made = Object.entries(after).map(([command, calls]) => [command, calls - (before[command] ?? 0)]);
    const inScripts = ["hget", "hset", "del", "info"];
    expect(made.filter(([command, calls]) => calls !== 0 && !inScripts.includes(String(command)))).toEqual([
      ["evalsha", 6 * names.length],
    ]);
    // Postgres publishes the counts of a connection when the connection ends.
    await database.query(endOtherConnections);
    const times = 2 * names.length;
    const expected = { scans: usedToFill.scans + 3 * times, updates: usedToFill.updates + times };
    await until(async () => JSON.stringify(await usedIn(database)) === JSON.stringify(expected), {
      what: "Postgres has counted 2 reads, and 1 update with its scan, for each hop",
    });
    redis.disconnect();
    await database.end();
    await rig.stop();
  });
});

/** Returns how often Redis has carried out each command. */
async function callsOf(redis: Redis): Promise<Record<string, number>> {
  const lines = (await redis.info("commandstats")).matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm);
  return Object.fromEntries([...lines].map(([, command, calls]) => [command, Number(calls)]));
}

async function usedIn(database: pg.Client): Promise<{ readonly scans: number; readonly updates: number }> {
  const { rows } = await database.query<{ scans: string; updates: string }>(`
    SELECT sum(coalesce(seq_scan, 0) + coalesce(idx_scan, 0)) AS scans, sum(n_tup_upd) AS updates
    FROM pg_stat_user_tables`);
  return { scans: Number(rows[0]?.scans), updates: Number(rows[0]?.updates) };
}
