import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { record } from "@sallyport/bots";
import { Topology } from "@sallyport/rig";
import { type Metrics, type SallyportProcess, writeYards } from "@sallyport/testkit";
import type { Address } from "../generator/visit.ts";
import { createAccounts } from "./accounts.ts";
import { host, type Pids, startStores } from "./contender.ts";
import { boundless, type OursOptions, pidOf, stopMs } from "./ours.ts";
import { firstCell, placesFor } from "./places.ts";

/** What runs on a map-server, from the cheapest to the dearest. */
export const gameNames = ["no game", "sample world", "busy sample world"] as const;
export type GameName = (typeof gameNames)[number];

export interface GameServer {
  readonly pids: Pids;
  /** The characters of these accounts stand on the map of this server. */
  readonly accounts: readonly string[];
  metrics(): Promise<Metrics>;
}

export interface Games {
  readonly login: { readonly native: Address; readonly ragnarok: Address };
  /** The char door for Ragnarok clients. */
  readonly char: Address;
  readonly redisUrl: string;
  readonly servers: Readonly<Record<GameName, GameServer>>;
}

export interface GamesOptions extends Pick<OursOptions, "rig" | "tell"> {
  /** The accounts, as many for each game. */
  readonly names: readonly string[];
  readonly password: string;
  readonly cellsApart: number;
  /** This many fishers walk about in the busy sample world. */
  readonly fishers: number;
}

/* These paths are the same from `src` and from `dist`. */
const moduleAt = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const modules: Readonly<Record<GameName, string>> = {
  "no game": "",
  "sample world": moduleAt("../../../../sample-world/src/game.ts"),
  "busy sample world": moduleAt("../../src/games/busy-harbour.ts"),
};

const sideMax = 1_000;
/** An object of a map places at most this many actors. */
const actorsPerObject = 100;

/** People of the sample world, near the first players. Its troll would send the players elsewhere. */
const people = [
  ...["object: mara Mara 4,4", "object: stall Tobin 6,4", "object: sign Sign 4,6"],
  ...['object: chest "Old chest" 6,6 chest=pier', "object: shell Shells 3,3 6x6 count=5"],
];

function fishersOn(side: number, fishers: number): readonly string[] {
  const area = `1,1 ${side - 2}x${side - 2}`;
  return Array.from({ length: Math.ceil(fishers / actorsPerObject) }, (_, nth) => {
    const count = Math.min(actorsPerObject, fishers - nth * actorsPerObject);
    return `object: fisher Fishers ${area} count=${count}`;
  });
}

/**
 * Starts one cluster in which each game has a map-server and a map of its own. So the games share all other
 * servers and the stores.
 */
export async function startGames(options: GamesOptions): Promise<Games> {
  const { rig, tell, names, password, cellsApart, fishers } = options;
  const perMap = names.length / gameNames.length;
  const maps = gameNames.map((_, nth) => `field${nth + 1}`);
  const places = { ...placesFor(perMap, { cellsApart, sideMax }), maps, perMap };
  const [, sample = "", busy = ""] = maps;
  const folder = mkdtempSync(join(rig.folder, "maps-"));
  writeYards(folder, maps, places.side, {
    [sample]: people,
    [busy]: [...people, ...fishersOn(places.side, fishers)],
  });
  const { redis, postgres, databaseUrl } = await startStores(rig);
  const topology = await Topology.start({
    ...{ mapServers: maps.length, loginServers: 1, gateway: false, redisUrl: redis.url, databaseUrl, tell },
    graceMs: stopMs,
    settings: { ...boundless, MAPS_FOLDER: folder, WORLD_SPAWN: `${maps[0]}:${firstCell},${firstCell}` },
    settingsOf(server) {
      const nth = Number(/^map-(\d+)$/.exec(server)?.[1]) - 1;
      const [map, game] = [maps[nth], gameNames[nth]];
      return map === undefined || game === undefined ? {} : { MAPS_HOSTED: map, GAME: modules[game] };
    },
  });
  rig.stopAlso(() => topology.stop());
  const login = topology.doorsOf("login-1");
  const doors = { native: { host, port: login.tcp }, ragnarok: { host, port: login.ragnarok } };
  await createAccounts({ login: doors.ragnarok, databaseUrl }, { names, password, places });
  const [loginPid = 0, charPid = 0] = topology.servers.map(pidOf);
  const stores = { redis: redis.pid, postgres: postgres.pid };
  const serverOf = (server: SallyportProcess, nth: number): GameServer => ({
    pids: { login: loginPid, char: charPid, map: pidOf(server), ...stores },
    accounts: names.slice(nth * perMap, (nth + 1) * perMap),
    metrics: () => server.metrics(),
  });
  return {
    ...{ login: doors, char: { host, port: topology.doorsOf("char").ragnarok }, redisUrl: redis.url },
    servers: record(gameNames, (_, nth) => serverOf(topology.mapServers[nth] as SallyportProcess, nth)),
  };
}
