import { type CharServer, charSettings, createCharServer } from "@sallyport/char-server";
import { characterNames } from "@sallyport/database";
import { openOperators } from "@sallyport/operator";
import {
  type Environment,
  linkToOneOf,
  listenForLinks,
  openDoor,
  Refusals,
  readSettings,
  readTiming,
  readTogether,
  refuseWeakPasswords,
} from "@sallyport/server-kit";
import { certificateReaders, watchCertificates } from "./certificates.ts";
import { checkDataFolder, cookiesIn, dataFolderSetting } from "./data-folder.ts";
import { innerDoors, keepPresent, openDirectory, presentMapServers } from "./presence.ts";
import { publicAddressOf, publicChecks } from "./public-place.ts";
import { openRagnarokDoor, ragnarokSettings, shownByRagnarok } from "./ragnarok-doors.ts";
import { describeDoor, type Running, type Shell } from "./shell.ts";
import { processStoreSettings, readDatabaseUrl, readRedis } from "./store-settings.ts";
import { openLockStore, openStores, storeChecks } from "./stores.ts";

export const charProcessSettings = {
  ...charSettings,
  ...ragnarokSettings.char,
  ...processStoreSettings,
  data: dataFolderSetting,
};

function checkPassword(environment: Environment): void {
  const { linkHost, password } = charSettings;
  const given = readSettings({ host: linkHost, password }, environment);
  const passwords = [[password.variable, given.password]] as const;
  refuseWeakPasswords({ host: given.host, hostVariable: linkHost.variable, passwords });
}

/** Rejects with `SettingsInvalid`. */
export const readChar = (environment: Environment) =>
  readTogether({
    settings: () => readSettings(charProcessSettings, environment),
    password: () => checkPassword(environment),
    databaseUrl: () => readDatabaseUrl(processStoreSettings.databaseUrl, environment),
    redis: () => readRedis(processStoreSettings.redisUrl, environment),
    ...publicChecks("CHAR", charProcessSettings, environment),
    dataFolder: () => checkDataFolder(environment, { hasDatabase: false }),
    timing: () => readTiming(environment),
    ...certificateReaders(environment),
  });

/** Runs a char-server in a process of its own. */
export async function runChar(
  {
    settings,
    databaseUrl,
    redis: { redis, redisFiles },
    timing,
    doorTls,
    linkTls,
  }: Awaited<ReturnType<typeof readChar>>,
  shell: Shell,
): Promise<Running> {
  const { log } = shell;
  const { startMs } = settings;
  const { database, characters, mapHosts } = await openStores({ url: databaseUrl, startMs }, shell);
  const store = await openLockStore(
    redis,
    `world:${settings.world}`,
    { database, databaseUrl, timing, startMs },
    shell,
  );
  let acceptClient: CharServer["acceptClient"] = (channel) => channel.destroy();
  // The world is announced with the port that was really opened, so the door opens first.
  const door = await openDoor(
    settings,
    { tls: doorTls, refusals: new Refusals({ ...shell, door: "char" }) },
    (channel) => acceptClient(channel),
  );
  const ragnarok = await openRagnarokDoor("char", settings, shell, (...client) => acceptClient(...client));
  const address = publicAddressOf(settings, door, ragnarok);
  const directory = openDirectory(redis);
  const server = createCharServer({
    ...shell,
    ...settings,
    timing,
    characters,
    mapHosts,
    names: characterNames(settings.nameKind, shownByRagnarok(settings)),
    store,
    cookies: cookiesIn(settings.data, "char", settings.username, log),
    connectLogin: linkToOneOf(settings.logins, linkTls),
    credentials: { ...settings, server: settings.username },
    world: { name: settings.world, ...address },
    mapServerPresent: presentMapServers(directory, shell),
  });
  const linkAddress = { host: settings.linkHost, port: settings.linkPort };
  const links = await listenForLinks(linkAddress, { tls: linkTls, log, bounds: settings }, (channel) =>
    server.acceptMapServer(channel),
  );
  acceptClient = server.acceptClient;
  const self = {
    kind: "char",
    name: settings.username,
    world: settings.world,
    publicDoor: address,
    innerDoors: innerDoors(settings, door, ragnarok),
  } as const;
  const withdraw = keepPresent(directory, self, { status: () => server.status, shell });
  const { world } = settings;
  const operators = await openOperators(
    { database, directory, redis, own: [{ world, store }], timing },
    shell,
  );
  const stopWatching = watchCertificates(shell, doorTls, linkTls?.files, redisFiles);
  server
    .start()
    .then(
      () => log.info({ ...describeDoor(door, ragnarok), mapServers: links.address }, "char-server ready"),
      shell.failed,
    );
  return {
    orders: {
      key: settings.password,
      drain: (name) => server.drainMapServer(name),
      statusOf: (name) => server.mapServerStatus(name),
    },
    checks: { "linked to the login-server": () => server.isLinked, ...storeChecks(database, store) },
    operators: operators.ask,
    async stop(why) {
      stopWatching();
      await withdraw();
      await Promise.all([door.stop(), ragnarok?.stop(), links.stop()]);
      // Without Redis, the locks end with this process, so it must release them now.
      await server.stop(why === "to-return" && redis !== null ? "keep" : "release");
      await store.close();
      await directory.close();
      await operators.close();
      await database.close();
    },
  };
}
