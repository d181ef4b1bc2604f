import { mapSettings } from "@sallyport/map-server";
import {
  connectLink,
  doorTlsSettings,
  type Environment,
  linkTlsSettings,
  readSettings,
  readTogether,
} from "@sallyport/server-kit";
import { gameSettings, readGame } from "../game/game-settings.ts";
import { runGame } from "../game/run-game.ts";
import { certificateReaders, watchCertificates } from "../process/certificates.ts";
import { operationSettings } from "../process/operation.ts";
import type { Running, Shell } from "../process/shell.ts";
import { stopInOrder } from "../process/stops.ts";
import { checkDataFolder, cookiesIn, dataFolderSetting } from "../stores/data-folder.ts";
import { describeDoors } from "../tiers/doors.ts";
import { openMapTier } from "../tiers/map-tier.ts";
import { readMaps } from "../tiers/maps.ts";
import { publicChecks } from "../tiers/public-place.ts";
import { ragnarokSettings } from "../tiers/ragnarok-doors.ts";
import { ragnarokOption } from "./ragnarok-option.ts";
import { serverCommand } from "./server-command.ts";

const game = gameSettings(false);
export const mapProcessSettings = {
  ...mapSettings,
  ...ragnarokSettings.map,
  ...game,
  data: dataFolderSetting,
};

/** Reads the settings. Rejects with `SettingsInvalid`. */
export const readMap = (environment: Environment) => {
  const maps = readMaps(environment);
  return readTogether({
    settings: () => readSettings(mapProcessSettings, environment),
    maps: () => maps,
    game: () => readGame(game, environment, maps),
    ...publicChecks("MAP", mapProcessSettings, environment),
    dataFolder: () => checkDataFolder(environment, { hasDatabase: false }),
    ...certificateReaders(environment),
  });
};

/**
 * Runs a map-server in its own process. The process connects neither to Redis nor to Postgres, because the
 * char-server does this for it.
 */
export async function runMap(
  shell: Shell,
  { settings, maps, game: read, doorTls, linkTls }: Awaited<ReturnType<typeof readMap>>,
): Promise<Running> {
  const { log, failed } = shell;
  const { server: name, username, password, movesPerSecond, drainMs } = settings;
  const game = read && runGame(shell, "map", read);
  const tier = await openMapTier(shell, {
    settings,
    maps,
    game: game?.played,
    doorTls,
    credentials: { server: name, username, password },
    cookies: cookiesIn(settings.data, "map", name, log),
    connectChar: () => connectLink(settings.char, linkTls),
    // A drain works like a SIGTERM from outside: the process drains and then stops.
    drainAsked: () => void process.emit("SIGTERM", "SIGTERM"),
    movesPerSecond,
  });
  const { server, doors } = tier;
  game?.reloadInto(server);
  const stopWatching = watchCertificates(shell, doorTls, linkTls?.files);
  const runs = { maps: [...maps.hosted.keys()], game: read?.game.definition.name ?? null };
  server.start().then(() => log.info({ ...describeDoors(doors), ...runs }, "map-server ready"), failed);
  return {
    checks: { "linked to the char-server": () => server.isLinked },
    operators: null,
    unsaved: () => server.charIds,
    drain: () => server.drain(drainMs),
    stop: () =>
      stopInOrder(
        stopWatching,
        () => tier.stop(),
        () => game?.stop(),
      ),
  };
}

export const mapCommand = serverCommand({
  settings: [mapProcessSettings, doorTlsSettings, linkTlsSettings],
  operation: operationSettings("info"),
  options: [ragnarokOption],
  read: readMap,
  run: runMap,
});
