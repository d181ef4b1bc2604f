import { createLoginServer, loginSettings } from "@sallyport/login-server";
import { openOperators } from "@sallyport/operator";
import {
  type Environment,
  listenForLinks,
  openDoor,
  Refusals,
  readSettings,
  readTiming,
  readTogether,
  refuseWeakPasswords,
} from "@sallyport/server-kit";
import { certificateReaders, watchCertificates } from "./certificates.ts";
import { measuredHasher } from "./measured.ts";
import { innerDoors, keepPresent, openDirectory } from "./presence.ts";
import { openRagnarokDoor, ragnarokSettings } from "./ragnarok-doors.ts";
import { describeDoor, type Running, type Shell } from "./shell.ts";
import { processStoreSettings, readDatabaseUrl, readRedis } from "./store-settings.ts";
import { loginSecret, openLockStore, openStores, storeChecks } from "./stores.ts";

export const loginProcessSettings = { ...loginSettings, ...ragnarokSettings.login, ...processStoreSettings };

function checkPasswords(environment: Environment): void {
  const { linkHost, charServers } = loginSettings;
  const { host, servers } = readSettings({ host: linkHost, servers: charServers }, environment);
  const passwords = [...servers].map(
    ([username, password]) => [`CHAR_SERVERS: the password of ${username}`, password] as const,
  );
  refuseWeakPasswords({ host, hostVariable: linkHost.variable, passwords });
}

/** Rejects with `SettingsInvalid`. */
export const readLogin = (environment: Environment) =>
  readTogether({
    settings: () => readSettings(loginProcessSettings, environment),
    passwords: () => checkPasswords(environment),
    databaseUrl: () => readDatabaseUrl(processStoreSettings.databaseUrl, environment),
    redis: () => readRedis(processStoreSettings.redisUrl, environment),
    timing: () => readTiming(environment),
    ...certificateReaders(environment),
  });

/** Runs a login-server in a process of its own. */
export async function runLogin(
  {
    settings,
    databaseUrl,
    redis: { redis, redisFiles },
    timing,
    doorTls,
    linkTls,
  }: Awaited<ReturnType<typeof readLogin>>,
  shell: Shell,
): Promise<Running> {
  const { log } = shell;
  const { startMs } = settings;
  const { database, accounts } = await openStores({ url: databaseUrl, startMs }, shell);
  const store = await openLockStore(redis, "login", { database, databaseUrl, timing, startMs }, shell);
  const directory = openDirectory(redis);
  const server = createLoginServer({
    ...shell,
    ...settings,
    directory,
    timing,
    accounts,
    store,
    hasher: measuredHasher(settings, shell.metrics),
    clusterSecret: await loginSecret(database),
  });
  const linkAddress = { host: settings.linkHost, port: settings.linkPort };
  const links = await listenForLinks(linkAddress, { tls: linkTls, log, bounds: settings }, (channel) =>
    server.acceptCharServer(channel),
  );
  const door = await openDoor(
    settings,
    { tls: doorTls, refusals: new Refusals({ ...shell, door: "login" }) },
    (channel) => server.acceptClient(channel),
  );
  const ragnarok = await openRagnarokDoor("login", settings, shell, server.acceptClient);
  const stopWatching = watchCertificates(shell, doorTls, linkTls?.files, redisFiles);
  const self = {
    kind: "login",
    name: settings.server,
    world: null,
    publicDoor: null,
    innerDoors: innerDoors(settings, door, ragnarok),
  } as const;
  const withdraw = keepPresent(directory, self, { status: () => server.status, shell });
  const operators = await openOperators(
    { database, directory, redis, own: [{ world: null, store }], timing },
    shell,
  );
  log.info({ ...describeDoor(door, ragnarok), charServers: links.address }, "login-server ready");
  return {
    checks: storeChecks(database, store),
    operators: operators.ask,
    async stop() {
      stopWatching();
      await withdraw();
      await Promise.all([door.stop(), ragnarok?.stop(), links.stop()]);
      await server.stop();
      await store.close();
      await directory.close();
      await operators.close();
      await database.close();
    },
  };
}
