import type { ByteChannel } from "@sallyport/link";
import { connectTcp, listenTcp } from "@sallyport/link/tcp";
import { createMapServer, loadMaps, mapSettings, sampleMapsFolder } from "@sallyport/map-server";
import { type Environment, publicAddress, readSettings } from "@sallyport/server-kit";
import type { Running, Shell } from "./shell.ts";

const connectMs = 5_000;

/** A map-server as a process of its own. It needs neither Redis nor Postgres: the char-server has them. */
export async function runMap(environment: Environment, shell: Shell): Promise<Running> {
  const settings = readSettings(mapSettings, environment);
  const { log } = shell;
  const maps = await loadMaps(settings.mapsFolder ?? sampleMapsFolder);
  let acceptClient: (channel: ByteChannel) => void = (channel) => channel.destroy();
  const door = await listenTcp(settings, (channel) => acceptClient(channel));
  const server = createMapServer({
    ...shell,
    ...settings,
    maps,
    connectChar: () => connectTcp(settings.char, connectMs),
    credentials: settings,
    address: publicAddress("MAP", settings, door.address.port),
    autosaveMs: settings.autosaveSeconds * 1_000,
  });
  acceptClient = (channel) => server.acceptClient(channel);
  server
    .start()
    .then(
      () => log.info({ clients: door.address, maps: [...maps.keys()] }, "map-server ready"),
      shell.failed,
    );
  return {
    async stop() {
      await door.stop();
      await server.stop();
    },
  };
}
