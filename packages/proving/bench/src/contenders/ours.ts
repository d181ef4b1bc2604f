import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { RagnarokClient } from "@sallyport/ragnarok-load";
import { Topology } from "@sallyport/rig";
import { type SallyportProcess, writeYards } from "@sallyport/testkit";
import pg from "pg";
import { type Contender, type ContenderOptions, host, startStores } from "./contender.ts";

const map = "field";
const spawn = 2;
/** Cells on the map beyond the place of the last character. */
const margin = 8;
const model = "model";
const stopMs = 20_000;

/**
 * Copies the first account, which a client registered. Each copy has another name, and its character stands
 * at another place.
 */
const fill = `
WITH added AS (
  INSERT INTO accounts (name, sex, salt, memory_kib, iterations, parallelism, stored_key, server_key)
  SELECT named.name, sex, salt, memory_kib, iterations, parallelism, stored_key, server_key
  FROM accounts, unnest($2::text[]) AS named (name) WHERE accounts.name = $1
  RETURNING id, name
), placed AS (
  SELECT id, name, (row_number() OVER ())::int - 1 AS nth FROM added
)
INSERT INTO characters (account_id, world, slot, name, map, x, y, attributes)
SELECT placed.id, world, slot, placed.name, map, x + nth % $3 * $4, y + nth / $3 * $4, attributes
FROM placed, characters`;

/** Starts our servers as three `sallyport` processes. */
export async function startOurs(options: ContenderOptions): Promise<Contender> {
  const { rig, accounts, password, cellsApart, settings, tell } = options;
  const { redis, postgres, databaseUrl } = await startStores(rig);
  const perRow = Math.ceil(Math.sqrt(accounts.length));
  const maps = mkdtempSync(join(rig.folder, "maps-"));
  writeYards(maps, [map], perRow * cellsApart + margin);
  const topology = await Topology.start({
    ...{ mapServers: 1, loginServers: 1, gateway: false, redisUrl: redis.url, databaseUrl },
    graceMs: stopMs,
    settings: {
      MAPS_FOLDER: maps,
      WORLD_SPAWN: `${map}:${spawn},${spawn}`,
      RAGNAROK_REGISTRATION: "yes",
      // All clients have the same address. Any number of them may log in at the same time, even with
      // passwords that the login-server does not remember.
      LOGIN_FAILURES_PER_ADDRESS: "0",
      LOGIN_HASH_QUEUE_MAX: "100000",
      LOGIN_HASH_QUEUE_PER_ADDRESS_MAX: "100000",
      ...settings,
    },
    tell,
  });
  rig.stopAlso(() => topology.stop());
  const login = { host, port: topology.doorsOf("login-1").ragnarok };
  await register(login, password);
  const database = new pg.Client(databaseUrl);
  await database.connect();
  try {
    await database.query(fill, [model, accounts, perRow, cellsApart]);
    await database.query("ANALYZE");
  } finally {
    await database.end();
  }
  const [loginServer, charServer, mapServer] = topology.servers.map(pidOf);
  return {
    login,
    pids: {
      ...{ login: loginServer ?? 0, char: charServer ?? 0, map: mapServer ?? 0 },
      ...{ redis: redis.pid, postgres: postgres.pid },
    },
  };
}

const pidOf = ({ child }: SallyportProcess): number => child?.pid ?? 0;

/** Registers an account and enters the char-server, which creates a character for the account. */
async function register(login: Contender["login"], password: string): Promise<void> {
  const client = new RagnarokClient({ login, account: model, password });
  try {
    const answer = await client.login(`${model}_F`);
    if (answer.type !== "AC_ACCEPT_LOGIN") throw new Error(`not registered: ${answer.type}`);
    await client.enterChar();
    if (client.characters.length !== 1) throw new Error("the new account has no character");
  } finally {
    await client.leave();
  }
}
