import type { ByteChannel } from "@sallyport/link";
import { createMapServer, loadMaps, mapSettings, sampleMapsFolder } from "@sallyport/map-server";
import {
  connectLink,
  type Environment,
  openDoor,
  publicAddress,
  readSettings,
  readTogether,
} from "@sallyport/server-kit";
import { certificateReaders, watchCertificates } from "./certificates.ts";
import { describeDoor, type Running, type Shell } from "./shell.ts";

/** A map-server as a process of its own. It needs neither Redis nor Postgres: the char-server has them. */
export async function runMap(environment: Environment, shell: Shell): Promise<Running> {
  const { settings, doorTls, linkTls } = readTogether({
    settings: () => readSettings(mapSettings, environment),
    ...certificateReaders(environment),
  });
  const { log } = shell;
  const maps = await loadMaps(settings.mapsFolder ?? sampleMapsFolder);
  let acceptClient: (channel: ByteChannel) => void = (channel) => channel.destroy();
  const door = await openDoor(settings, { tls: doorTls, log }, (channel) => acceptClient(channel));
  const server = createMapServer({
    ...shell,
    ...settings,
    maps,
    connectChar: () => connectLink(settings.char, linkTls),
    credentials: settings,
    address: publicAddress("MAP", settings, door),
    autosaveMs: settings.autosaveSeconds * 1_000,
  });
  acceptClient = (channel) => server.acceptClient(channel);
  const stopWatching = watchCertificates(shell, { doorTls, linkTls });
  server
    .start()
    .then(
      () => log.info({ ...describeDoor(door), maps: [...maps.keys()] }, "map-server ready"),
      shell.failed,
    );
  return {
    checks: { "linked to the char-server": () => server.isLinked },
    unsaved: () => server.charIds,
    async stop() {
      stopWatching();
      await door.stop();
      await server.stop();
    },
  };
}
