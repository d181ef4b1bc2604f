import { createPasswordHasher } from "@sallyport/database";
import { listenTcp } from "@sallyport/link/tcp";
import { createLoginServer, loginSettings } from "@sallyport/login-server";
import { type Environment, readSettings, readTiming, readTogether } from "@sallyport/server-kit";
import type { Running, Shell } from "./shell.ts";
import { loginSecret, openLockStore, openStores, processStoreSettings } from "./stores.ts";

export const loginProcessSettings = { ...loginSettings, ...processStoreSettings };

/** A login-server as a process of its own. */
export async function runLogin(environment: Environment, shell: Shell): Promise<Running> {
  const { settings, timing } = readTogether({
    settings: () => readSettings(loginProcessSettings, environment),
    timing: () => readTiming(environment),
  });
  const { log } = shell;
  const { database, accounts } = await openStores(settings.databaseUrl, log);
  const store = await openLockStore(settings.redisUrl, "login", log);
  const server = createLoginServer({
    ...shell,
    ...settings,
    timing,
    accounts,
    store,
    hasher: createPasswordHasher(),
    clusterSecret: await loginSecret(database),
  });
  const linkAddress = { host: settings.linkHost, port: settings.linkPort };
  const links = await listenTcp(linkAddress, (channel) => server.acceptCharServer(channel));
  const door = await listenTcp(settings, (channel) => server.acceptClient(channel));
  log.info({ clients: door.address, charServers: links.address }, "login-server ready");
  return {
    async stop() {
      await Promise.all([door.stop(), links.stop()]);
      await server.stop();
      await store.close();
      await database.close();
    },
  };
}
