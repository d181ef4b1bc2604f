import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { type CharServer, charSettings, createCharServer } from "@sallyport/char-server";
import { characterNames } from "@sallyport/database";
import { startEmbeddedPostgres } from "@sallyport/database/embedded";
import { type ByteChannel, memoryChannelPair } from "@sallyport/link";
import { createLoginServer, type LoginServer, loginSettings } from "@sallyport/login-server";
import { createMapServer, type MapServer, mapSettings } from "@sallyport/map-server";
import { openOperators } from "@sallyport/operator";
import {
  type DoorPlace,
  type Environment,
  givenText,
  type OpenDoor,
  openDoor,
  Refusals,
  readDoorTls,
  readSettings,
  readTiming,
  readTogether,
  webSocketUrl,
} from "@sallyport/server-kit";
import { watchCertificates } from "./certificates.ts";
import { checkDataFolder, dataFolderSetting } from "./data-folder.ts";
import { checkSpawn, readMaps } from "./maps.ts";
import { measuredHasher } from "./measured.ts";
import { innerDoors, keepPresent, openDirectory, presenceOf, presentMapServers } from "./presence.ts";
import { publicAddressOf, publicChecks } from "./public-place.ts";
import { openRagnarokDoor, ragnarokSettings, shownByRagnarok } from "./ragnarok-doors.ts";
import type { Running, Shell } from "./shell.ts";
import { readDatabaseUrl, readRedis, storeSettings } from "./store-settings.ts";
import { loginSecret, openLockStore, openStores, storeChecks } from "./stores.ts";

// One process needs neither addresses nor passwords between its tiers.
const {
  linkHost: _loginLink,
  linkPort: _loginLinkPort,
  charServers: _charServers,
  ...loginDoor
} = loginSettings;
const {
  linkHost: _charLink,
  linkPort: _charLinkPort,
  username: _charUsername,
  password: _charPassword,
  logins: _logins,
  ...charDoor
} = charSettings;
const {
  server: _server,
  username: _username,
  password: _password,
  char: _char,
  movesPerSecond: _movesPerSecond,
  drainMs: _drainMs,
  ...mapDoor
} = mapSettings;
export const upProcessSettings = {
  login: { ...loginDoor, ...ragnarokSettings.login },
  char: { ...charDoor, ...ragnarokSettings.char },
  map: { ...mapDoor, ...ragnarokSettings.map },
  stores: { ...storeSettings, folder: dataFolderSetting },
};

interface Accept {
  login: LoginServer["acceptClient"];
  char: CharServer["acceptClient"];
  map: MapServer["acceptClient"];
}

export interface UpRunning extends Running {
  /** Text for the person who started it. */
  readonly banner: string;
}

/** Rejects with `SettingsInvalid`. */
export const readUp = (environment: Environment) => {
  const { login, char, map, stores } = upProcessSettings;
  return readTogether({
    login: () => readSettings(login, environment),
    char: () => readSettings(char, environment),
    map: () => readSettings(map, environment),
    stores: () => readSettings(stores, environment),
    databaseUrl: () => readDatabaseUrl(stores.databaseUrl, environment),
    redis: () => readRedis(stores.redisUrl, environment),
    async maps() {
      const maps = await readMaps(environment);
      checkSpawn(char.spawn, environment, maps);
      return maps;
    },
    charDoor: () => readTogether(publicChecks("CHAR", char, environment)),
    mapDoor: () => readTogether(publicChecks("MAP", map, environment)),
    async dataFolder() {
      const hasDatabase = givenText(stores.databaseUrl, environment) === null;
      if (hasDatabase) await checkDataFolder(environment, { hasDatabase });
    },
    timing: () => readTiming(environment),
    doorTls: () => readDoorTls(environment),
  });
};

/** Runs all three tiers in one process, linked in memory. */
export async function runUp(
  read: Awaited<ReturnType<typeof readUp>>,
  shell: Shell,
  progress: (message: string) => void,
): Promise<UpRunning> {
  const { login, char, map, stores, maps, timing, doorTls } = read;
  const { redis, redisFiles } = read.redis;
  const { startMs } = stores;
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    const folder = resolve(stores.folder);
    let url = read.databaseUrl;
    if (url === null) {
      await mkdir(folder, { recursive: true });
      const embedded = await startEmbeddedPostgres({ folder, log: progress, onLost: shell.failed });
      stops.push(() => embedded.stop());
      url = embedded.url;
    }
    // The embedded Postgres has only one session, however many connections it accepts.
    const connections = read.databaseUrl === null ? { connections: 1 } : {};
    const { database, accounts, characters, mapHosts } = await openStores(
      { url, startMs, ...connections },
      shell,
    );
    stops.push(() => database.close());
    const lockNeeds = { database, databaseUrl: url, timing, startMs };
    const loginStore = await openLockStore(redis, "login", lockNeeds, shell);
    stops.push(() => loginStore.close());
    const worldStore = await openLockStore(redis, `world:${char.world}`, lockNeeds, shell);
    stops.push(() => worldStore.close());

    const early = (channel: ByteChannel): void => channel.destroy();
    const accept: Accept = { login: early, char: early, map: early };
    const stopLater = <D extends { stop(): Promise<void> } | null>(door: D): D => {
      if (door !== null) stops.push(() => door.stop());
      return door;
    };
    const open = async (name: keyof Accept, place: DoorPlace) =>
      stopLater(
        await openDoor(place, { tls: doorTls, refusals: new Refusals({ ...shell, door: name }) }, (channel) =>
          accept[name](channel),
        ),
      );
    const doors = {
      login: await open("login", login),
      char: await open("char", char),
      map: await open("map", map),
    };
    const ragnarok = {
      login: stopLater(await openRagnarokDoor("login", login, shell, (...client) => accept.login(...client))),
      char: stopLater(await openRagnarokDoor("char", char, shell, (...client) => accept.char(...client))),
      map: stopLater(await openRagnarokDoor("map", map, shell, (...client) => accept.map(...client))),
    };
    const stopWatching = watchCertificates(shell, doorTls, redisFiles);
    stops.push(async () => stopWatching());

    const password = Buffer.from(shell.randomBytes(32)).toString("hex");
    const credentials = { username: "embedded", password };
    const directory = openDirectory(redis);
    stops.push(() => directory.close());
    const operators = await openOperators(
      {
        database,
        directory,
        redis,
        own: [
          { world: null, store: loginStore },
          { world: char.world, store: worldStore },
        ],
        timing,
      },
      shell,
    );
    stops.push(() => operators.close());
    const charAddress = publicAddressOf(char, doors.char, ragnarok.char);
    const mapAddress = publicAddressOf(map, doors.map, ragnarok.map);
    const loginServer = createLoginServer({
      ...shell,
      ...login,
      directory,
      timing,
      accounts,
      store: loginStore,
      hasher: measuredHasher(login, shell.metrics),
      clusterSecret: await loginSecret(database),
      charServers: new Map([[credentials.username, password]]),
    });
    stops.push(() => loginServer.stop());
    const charServer = createCharServer({
      ...shell,
      ...char,
      timing,
      characters,
      mapHosts,
      names: characterNames(char.nameKind, shownByRagnarok(char)),
      store: worldStore,
      credentials: { ...credentials, server: credentials.username },
      world: { name: char.world, ...charAddress },
      mapServerPresent: presentMapServers(directory, shell),
      connectLogin: linkInMemory("char-server", (channel) => loginServer.acceptCharServer(channel)),
    });
    stops.push(() => charServer.stop());
    const mapServer = createMapServer({
      ...shell,
      ...map,
      maps,
      credentials: { ...credentials, server: "map-1" },
      address: mapAddress,
      presenceWith: presenceOf(
        {
          kind: "map",
          name: "map-1",
          world: char.world,
          publicDoor: mapAddress,
          innerDoors: innerDoors(map, doors.map, ragnarok.map),
        },
        shell,
      ),
      autosaveMs: map.autosaveSeconds * 1_000,
      unsavedMs: map.unsavedSeconds * 1_000,
      connectChar: linkInMemory("map-server", (channel) => charServer.acceptMapServer(channel)),
    });
    stops.push(() => mapServer.stop());
    accept.login = loginServer.acceptClient;
    accept.char = charServer.acceptClient;
    accept.map = mapServer.acceptClient;
    await charServer.start();
    await mapServer.start();
    // Only now are all links up. An earlier presence would show them as down for two seconds.
    const loginSelf = {
      kind: "login",
      name: login.server,
      world: null,
      publicDoor: null,
      innerDoors: innerDoors(login, doors.login, ragnarok.login),
    } as const;
    stops.push(keepPresent(directory, loginSelf, { status: () => loginServer.status, shell }));
    const charSelf = {
      kind: "char",
      name: credentials.username,
      world: char.world,
      publicDoor: charAddress,
      innerDoors: innerDoors(char, doors.char, ragnarok.char),
    } as const;
    stops.push(keepPresent(directory, charSelf, { status: () => charServer.status, shell }));

    const { isSecure, webSocket } = doors.login;
    const at = ({ address: { host, port } }: Pick<OpenDoor, "address">): string => `${host}:${port}`;
    const banner = [
      "Sallyport is up.",
      `  login ${at(doors.login)}   char ${at(doors.char)}   map ${at(doors.map)}   (${[...maps.keys()].join(", ")})`,
      ...(ragnarok.login === null ? [] : [`  for Ragnarok clients, login ${at(ragnarok.login)}`]),
      ...(webSocket === null ? [] : [`  over WebSocket, login ${webSocketUrl(webSocket, isSecure)}`]),
      `  accounts and characters: ${read.databaseUrl === null ? folder : "DATABASE_URL"}`,
      `  locks and timers:        ${redis === null ? "this process" : "REDIS_URL"}`,
      "",
      `  Join from another terminal:  npm run play${isSecure ? ` -- --url tls://${at(doors.login)}` : ""}`,
      "  Ctrl-C saves all players and stops it.",
    ].join("\n");
    const checks = {
      "linked to the login-server": () => charServer.isLinked,
      "linked to the char-server": () => mapServer.isLinked,
      ...storeChecks(database, loginStore, worldStore),
    };
    return { banner, stop, checks, operators: operators.ask, unsaved: () => mapServer.charIds };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Each call creates a pair of channels. The other tier accepts one of them. */
function linkInMemory(name: string, accept: (channel: ByteChannel) => void): () => Promise<ByteChannel> {
  return async () => {
    const [near, far] = memoryChannelPair([name, "in-process"]);
    accept(far);
    return near;
  };
}
