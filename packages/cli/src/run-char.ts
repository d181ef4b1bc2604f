import { charSettings, createCharServer } from "@sallyport/char-server";
import type { ByteChannel } from "@sallyport/link";
import {
  connectLink,
  type Environment,
  listenForLinks,
  openDoor,
  publicAddress,
  readSettings,
  readTiming,
  readTogether,
  refuseWeakPasswords,
} from "@sallyport/server-kit";
import { certificateReaders, watchCertificates } from "./certificates.ts";
import { describeDoor, type Running, type Shell } from "./shell.ts";
import { openLockStore, openStores, processStoreSettings, storeChecks } from "./stores.ts";

export const charProcessSettings = { ...charSettings, ...processStoreSettings };

function readCharSettings(environment: Environment) {
  const settings = readSettings(charProcessSettings, environment);
  const { linkHost: host, password } = settings;
  refuseWeakPasswords({ host, hostVariable: "CHAR_LINK_HOST", passwords: [["CHAR_PASSWORD", password]] });
  return settings;
}

/** A char-server as a process of its own. */
export async function runChar(environment: Environment, shell: Shell): Promise<Running> {
  const { settings, timing, doorTls, linkTls } = readTogether({
    settings: () => readCharSettings(environment),
    timing: () => readTiming(environment),
    ...certificateReaders(environment),
  });
  const { log } = shell;
  const { database, characters } = await openStores(settings.databaseUrl, shell);
  const store = await openLockStore(settings.redisUrl, `world:${settings.world}`, shell);
  let acceptClient: (channel: ByteChannel) => void = (channel) => channel.destroy();
  // Clients are sent to the port that was really given, so it has to be open before the world is announced.
  const door = await openDoor(settings, { tls: doorTls, log }, (channel) => acceptClient(channel));
  const server = createCharServer({
    ...shell,
    ...settings,
    timing,
    characters,
    store,
    connectLogin: () => connectLink(settings.login, linkTls),
    credentials: { ...settings, server: settings.username },
    world: { name: settings.world, ...publicAddress("CHAR", settings, door) },
  });
  const linkAddress = { host: settings.linkHost, port: settings.linkPort };
  const links = await listenForLinks(linkAddress, { tls: linkTls, log }, (channel) =>
    server.acceptMapServer(channel),
  );
  acceptClient = (channel) => server.acceptClient(channel);
  const stopWatching = watchCertificates(shell, { doorTls, linkTls });
  server
    .start()
    .then(
      () => log.info({ ...describeDoor(door), mapServers: links.address }, "char-server ready"),
      shell.failed,
    );
  return {
    checks: { "linked to the login-server": () => server.isLinked, ...storeChecks(database, store) },
    async stop() {
      stopWatching();
      await Promise.all([door.stop(), links.stop()]);
      await server.stop();
      await store.close();
      await database.close();
    },
  };
}
