import { fileURLToPath } from "node:url";
import { freePorts } from "@sallyport/testkit";
import pg from "pg";
import { type Contender, host, startStores } from "./contender.ts";
import type { OursOptions } from "./ours.ts";

const program = fileURLToPath(new URL("../../dist/floor/main.js", import.meta.url));
/** The map-server starts first, because the char-server connects to it. */
const startOrder = ["map", "char", "login"] as const;

const tables = `
CREATE TABLE accounts (
  id bigint PRIMARY KEY, name text NOT NULL UNIQUE, sex text NOT NULL, salt bytea NOT NULL,
  stored_key bytea NOT NULL, server_key bytea NOT NULL, lock_fence bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
CREATE TABLE characters (
  id bigint PRIMARY KEY, account_id bigint NOT NULL REFERENCES accounts (id), slot integer NOT NULL,
  name text NOT NULL UNIQUE, map text NOT NULL, x integer NOT NULL, y integer NOT NULL,
  attributes jsonb NOT NULL DEFAULT '{}', lock_fence bigint NOT NULL DEFAULT 0,
  save_number bigint NOT NULL DEFAULT 0, UNIQUE (account_id, slot)
) WITH (fillfactor = 70);`;

const fill = `
WITH added AS (
  INSERT INTO accounts (id, name, sex, salt, stored_key, server_key)
  SELECT 2000000 + nth, name, 'female', decode(repeat('ab', 16), 'hex'), sha256('stored'), sha256('server')
  FROM unnest($1::text[]) WITH ORDINALITY AS named (name, nth) RETURNING id, name
)
INSERT INTO characters (id, account_id, slot, name, map, x, y)
SELECT id + 1000000, id, 0, name, 'floor', 50, 50 FROM added`;

export interface Floor extends Contender {
  readonly redisUrl: string;
  readonly databaseUrl: string;
}

/**
 * Starts the minimal servers of `floor/main.ts`. Their stores have the same settings as those of our servers.
 */
export async function startFloor({ rig, accounts, tell }: OursOptions): Promise<Floor> {
  tell("starting the floor");
  const { redis, postgres, databaseUrl } = await startStores(rig);
  const database = new pg.Client(databaseUrl);
  await database.connect();
  try {
    await database.query(tables);
    await database.query(fill, [accounts.names]);
    // Without ANALYZE, Postgres plans its queries for empty tables until autovacuum runs.
    await database.query("ANALYZE");
  } finally {
    await database.end();
  }
  const [login = 0, char = 0, map = 0, link = 0] = await freePorts(4);
  const environment = {
    ...{ REDIS_URL: redis.url, DATABASE_URL: databaseUrl },
    ...{ LOGIN_PORT: String(login), CHAR_PORT: String(char), MAP_PORT: String(map), LINK_PORT: String(link) },
  };
  const pids: Record<string, number> = {};
  for (const name of startOrder) {
    const server = await rig.newServer({
      ...{ name: `floor-${name}`, program: [program], args: [name], environment },
    });
    rig.stopAlso(() => server.stop());
    server.spawn();
    await server.untilSays(/ready/);
    pids[name] = server.child?.pid ?? 0;
  }
  const { login: loginPid = 0, char: charPid = 0, map: mapPid = 0 } = pids;
  return {
    ...{ login: { host, port: login }, redisUrl: redis.url, databaseUrl },
    pids: { login: loginPid, char: charPid, map: mapPid, redis: redis.pid, postgres: postgres.pid },
  };
}
