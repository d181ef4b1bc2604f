import type { ByteChannel } from "@sallyport/link";
import type { TlsSource } from "@sallyport/link/tcp";
import {
  createMapServer,
  type MapServer,
  type mapTierSettings,
  type PlayedGameOptions,
} from "@sallyport/map-server";
import type { CookieJar, LinkCredentials, SettingValues } from "@sallyport/server-kit";
import type { Shell } from "../process/shell.ts";
import { stopInOrder } from "../process/stops.ts";
import { type Doors, openDoors } from "./doors.ts";
import type { readMaps } from "./maps.ts";
import { innerDoors, presenceOf } from "./presence.ts";
import { publicAddressOf } from "./public-place.ts";
import type { ragnarokSettings } from "./ragnarok-doors.ts";

export interface MapNeeds {
  readonly settings: SettingValues<typeof mapTierSettings & typeof ragnarokSettings.map>;
  readonly maps: Awaited<ReturnType<typeof readMaps>>;
  readonly doorTls: TlsSource | null;
  readonly credentials: LinkCredentials;
  readonly connectChar: () => Promise<ByteChannel>;
  /** If absent, no later process can reclaim the players and locks of this map-server. */
  readonly cookies?: CookieJar;
  readonly drainAsked?: () => void;
  /** The game that runs on all maps. */
  readonly game?: Pick<PlayedGameOptions, "game" | "calls" | "forLog"> | undefined;
  /** The maximum number of players per second that a drain hands over. */
  readonly movesPerSecond?: number;
}

export interface MapTier {
  readonly server: MapServer;
  readonly doors: Doors<"map">;
  stop(): Promise<void>;
}

export async function openMapTier(
  shell: Shell,
  { settings, maps, doorTls, credentials, connectChar, cookies, drainAsked, movesPerSecond, game }: MapNeeds,
): Promise<MapTier> {
  const doors = await openDoors(shell, "map", settings, doorTls);
  const address = publicAddressOf(settings, doors);
  const self = {
    kind: "map",
    name: credentials.server,
    // The char-server fills in the world.
    world: null,
    publicDoor: address,
    innerDoors: innerDoors(settings, doors),
  } as const;
  const {
    gameBudgetMs: budgetMs,
    gameSwitchOffAfter: switchOffAfter,
    gameCommandsPerSecond: commandsPerSecond,
  } = settings;
  const server = createMapServer(shell, {
    game: game && { ...game, budgetMs, switchOffAfter, commandsPerSecond },
    ...{ maps: maps.hosted, worldMaps: maps.all, cookies, drainAsked, movesPerSecond, connectChar },
    clientBounds: settings,
    roleOrders: settings.roleOrders,
    playersMax: settings.playersMax,
    stepMs: settings.stepMs,
    viewCells: settings.viewCells,
    credentials,
    address,
    presenceWith: presenceOf(shell, self),
    autosaveMs: settings.autosaveSeconds * 1_000,
    unsavedMs: settings.unsavedSeconds * 1_000,
  });
  doors.serve(server.acceptClient);
  return {
    server,
    doors,
    stop: () =>
      stopInOrder(
        () => doors.stop(),
        () => server.stop(),
      ),
  };
}
