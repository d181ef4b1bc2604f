import { createMapServer, type MapServer, mapSettings } from "@sallyport/map-server";
import {
  connectLink,
  type Environment,
  openDoor,
  Refusals,
  readSettings,
  readTogether,
} from "@sallyport/server-kit";
import { certificateReaders, watchCertificates } from "./certificates.ts";
import { checkDataFolder, cookiesIn, dataFolderSetting } from "./data-folder.ts";
import { readMaps } from "./maps.ts";
import { innerDoors, presenceOf } from "./presence.ts";
import { publicAddressOf, publicChecks } from "./public-place.ts";
import { openRagnarokDoor, ragnarokSettings } from "./ragnarok-doors.ts";
import { describeDoor, type Running, type Shell } from "./shell.ts";

export const mapProcessSettings = { ...mapSettings, ...ragnarokSettings.map, data: dataFolderSetting };

/** Rejects with `SettingsInvalid`. */
export const readMap = (environment: Environment) =>
  readTogether({
    settings: () => readSettings(mapProcessSettings, environment),
    maps: () => readMaps(environment),
    ...publicChecks("MAP", mapProcessSettings, environment),
    dataFolder: () => checkDataFolder(environment, { hasDatabase: false }),
    ...certificateReaders(environment),
  });

/**
 * Runs a map-server in a process of its own. It needs neither Redis nor Postgres, because the char-server
 * uses them for it.
 */
export async function runMap(
  { settings, maps, doorTls, linkTls }: Awaited<ReturnType<typeof readMap>>,
  shell: Shell,
): Promise<Running> {
  const { log } = shell;
  let acceptClient: MapServer["acceptClient"] = (channel) => channel.destroy();
  const door = await openDoor(
    settings,
    { tls: doorTls, refusals: new Refusals({ ...shell, door: "map" }) },
    (channel) => acceptClient(channel),
  );
  const ragnarok = await openRagnarokDoor("map", settings, shell, (...client) => acceptClient(...client));
  const address = publicAddressOf(settings, door, ragnarok);
  const self = {
    kind: "map",
    name: settings.server,
    // The char-server fills in the world.
    world: null,
    publicDoor: address,
    innerDoors: innerDoors(settings, door, ragnarok),
  } as const;
  const server = createMapServer({
    ...shell,
    ...settings,
    maps,
    cookies: cookiesIn(settings.data, "map", settings.server, log),
    connectChar: () => connectLink(settings.char, linkTls),
    credentials: settings,
    address,
    // Has the same effect as a signal.
    drainAsked: () => void process.emit("SIGTERM", "SIGTERM"),
    presenceWith: presenceOf(self, shell),
    autosaveMs: settings.autosaveSeconds * 1_000,
    unsavedMs: settings.unsavedSeconds * 1_000,
  });
  acceptClient = server.acceptClient;
  const stopWatching = watchCertificates(shell, doorTls, linkTls?.files);
  server
    .start()
    .then(
      () => log.info({ ...describeDoor(door, ragnarok), maps: [...maps.keys()] }, "map-server ready"),
      shell.failed,
    );
  return {
    checks: { "linked to the char-server": () => server.isLinked },
    operators: null,
    unsaved: () => server.charIds,
    drain: () => server.drain(settings.drainMs),
    async stop() {
      stopWatching();
      await Promise.all([door.stop(), ragnarok?.stop()]);
      await server.stop();
    },
  };
}
