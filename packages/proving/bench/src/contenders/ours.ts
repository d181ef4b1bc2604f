import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Rig, Topology } from "@sallyport/rig";
import { freePorts, type SallyportProcess, writeYards } from "@sallyport/testkit";
import type { Address } from "../generator/visit.ts";
import { type Accounts, createAccounts } from "./accounts.ts";
import { type Contender, host, startStores } from "./contender.ts";
import { firstCell } from "./places.ts";

export interface Ours extends Contender {
  readonly doors: Doors;
  readonly redisUrl: string;
}

export type Doors = Readonly<Record<"login" | "char" | "map", Record<"native" | "ragnarok", Address>>>;

export interface OursOptions {
  readonly rig: Rig;
  readonly accounts: Accounts;
  readonly tell: (line: string) => void;
  /** Settings of every server, beside those that all contenders have. */
  readonly settings?: Readonly<Record<string, string>>;
}

export const stopMs = 20_000;
const collector = fileURLToPath(new URL("../../dist/memory/collect-on-signal.js", import.meta.url));

/** All clients have the same address. So the limits for one address are high. */
export const boundless: Readonly<Record<string, string>> = {
  RAGNAROK_REGISTRATION: "yes",
  LOGIN_HASH_QUEUE_MAX: "100000",
  LOGIN_HASH_QUEUE_PER_ADDRESS_MAX: "100000",
  MAP_PLAYERS_MAX: "100000",
  MAP_CLIENTS_MAX: "100000",
  MAP_CLIENTS_PER_ADDRESS_MAX: "100000",
};

function settingsFor(rig: Rig, { maps, side }: Accounts["places"]): Readonly<Record<string, string>> {
  const folder = mkdtempSync(join(rig.folder, "maps-"));
  writeYards(folder, maps, side);
  return {
    ...boundless,
    MAPS_FOLDER: folder,
    WORLD_SPAWN: `${maps[0]}:${firstCell},${firstCell}`,
    NODE_OPTIONS: `--import=${collector}`,
  };
}

/** Starts our servers as three `sallyport` processes. */
export async function startOurs({ rig, accounts, tell, settings = {} }: OursOptions): Promise<Ours> {
  const { redis, postgres, databaseUrl } = await startStores(rig);
  const topology = await Topology.start({
    ...{ mapServers: 1, loginServers: 1, gateway: false, redisUrl: redis.url, databaseUrl },
    graceMs: stopMs,
    settings: { ...settingsFor(rig, accounts.places), ...settings },
    tell,
  });
  rig.stopAlso(() => topology.stop());
  const doorsOf = (name: string): Doors["login"] => {
    const { tcp, ragnarok } = topology.doorsOf(name);
    return { native: { host, port: tcp }, ragnarok: { host, port: ragnarok } };
  };
  const doors = { login: doorsOf("login-1"), char: doorsOf("char"), map: doorsOf("map-1") };
  const login = doors.login.ragnarok;
  await createAccounts({ login, databaseUrl }, accounts);
  const [loginPid = 0, charPid = 0, mapPid = 0] = topology.servers.map(pidOf);
  return {
    ...{ login, doors, redisUrl: redis.url },
    pids: { login: loginPid, char: charPid, map: mapPid, redis: redis.pid, postgres: postgres.pid },
  };
}

/** Starts all tiers of our servers in one process, which keeps the locks in its memory. */
export async function startUp({ rig, accounts, tell }: OursOptions): Promise<Contender> {
  tell("starting all tiers in one process");
  const { postgres, databaseUrl } = await rig.startPostgres({ durable: true });
  const [login = 0, char = 0, map = 0] = await freePorts(3);
  const server = await rig.startServer({
    name: "up",
    environment: {
      ...settingsFor(rig, accounts.places),
      ...{ DATABASE_URL: databaseUrl, LOGIN_PORT: "0", CHAR_PORT: "0", MAP_PORT: "0" },
      RAGNAROK_LOGIN_PORT: String(login),
      RAGNAROK_CHAR_PORT: String(char),
      RAGNAROK_MAP_PORT: String(map),
    },
  });
  const door = { host, port: login };
  await createAccounts({ login: door, databaseUrl }, accounts);
  return { login: door, pids: { up: pidOf(server), postgres: postgres.pid } };
}

export const pidOf = ({ child }: SallyportProcess): number => child?.pid ?? 0;
