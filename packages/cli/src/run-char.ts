import { charSettings, createCharServer } from "@sallyport/char-server";
import { connectTcp, listenTcp } from "@sallyport/link/tcp";
import {
  type Environment,
  publicAddress,
  readSettings,
  readTiming,
  readTogether,
} from "@sallyport/server-kit";
import type { ByteChannel } from "@sallyport/link";
import type { Running, Shell } from "./shell.ts";
import { openLockStore, openStores, processStoreSettings } from "./stores.ts";

export const charProcessSettings = { ...charSettings, ...processStoreSettings };

const connectMs = 5_000;

/** A char-server as a process of its own. */
export async function runChar(environment: Environment, shell: Shell): Promise<Running> {
  const { settings, timing } = readTogether({
    settings: () => readSettings(charProcessSettings, environment),
    timing: () => readTiming(environment),
  });
  const { log } = shell;
  const { database, characters } = await openStores(settings.databaseUrl, log);
  const store = await openLockStore(settings.redisUrl, `world:${settings.world}`, log);
  let acceptClient: (channel: ByteChannel) => void = (channel) => channel.destroy();
  // Clients are sent to the port that was really given, so it has to be open before the world is announced.
  const door = await listenTcp(settings, (channel) => acceptClient(channel));
  const server = createCharServer({
    ...shell,
    ...settings,
    timing,
    characters,
    store,
    connectLogin: () => connectTcp(settings.login, connectMs),
    credentials: { ...settings, server: settings.username },
    world: { name: settings.world, ...publicAddress("CHAR", settings, door.address.port) },
  });
  const linkAddress = { host: settings.linkHost, port: settings.linkPort };
  const links = await listenTcp(linkAddress, (channel) => server.acceptMapServer(channel));
  acceptClient = (channel) => server.acceptClient(channel);
  server
    .start()
    .then(
      () => log.info({ clients: door.address, mapServers: links.address }, "char-server ready"),
      shell.failed,
    );
  return {
    async stop() {
      await Promise.all([door.stop(), links.stop()]);
      await server.stop();
      await store.close();
      await database.close();
    },
  };
}
