import { fileURLToPath } from "node:url";
import {
  about,
  addressSetting,
  charCredentialSettings,
  countSetting,
  doorSettings,
  innerHostSettings,
  optionalTextSetting,
  publicSettings,
  roleOrdersSetting,
  type Setting,
  serverNameSetting,
} from "@sallyport/server-kit";

const besideMapWorld = (folder: string): string =>
  fileURLToPath(new URL(`../../map-world/${folder}`, import.meta.url));

export const sampleMapsFolder = besideMapWorld("maps");
/** Names and sizes of the maps that Ragnarok clients have. */
export const ragnarokMapsFolder = besideMapWorld("maps-ragnarok");
/** Rooms for clients of the protocol 0.106. */
export const slimeMapsFolder = besideMapWorld("maps-slime");

const worldSettings = about("game", {
  mapsFolder: optionalTextSetting(
    "MAPS_FOLDER",
    "Folders with .map and .tmj files, separated as in PATH. If this setting is empty, the two sample maps are used.",
  ),
  playersMax: countSetting(
    "MAP_PLAYERS_MAX",
    "Maximum number of players on the map-server.",
    5_000,
    1,
    100_000,
  ),
  stepMs: countSetting(
    "MAP_STEP_MS",
    "Milliseconds that a step to a neighbouring cell takes.",
    150,
    20,
    10_000,
  ),
  viewCells: countSetting(
    "MAP_VIEW_CELLS",
    "Distance in cells up to which a player sees others.",
    14,
    2,
    100,
  ),
  autosaveSeconds: countSetting(
    "MAP_AUTOSAVE_SECONDS",
    "Seconds between two saves of a player. A player that has not changed is not saved again.",
    60,
    1,
    86_400,
  ),
  unsavedSeconds: countSetting(
    "MAP_UNSAVED_SECONDS",
    "Seconds for which a player can play on while its saves fail because a store does not answer. Then the map-server disconnects it with the reason save-failed.",
    300,
    // A failed save is repeated after five seconds. So this minimum leaves time for one repetition.
    10,
    86_400,
  ),
});

const hosted: Setting<readonly string[] | null> = {
  variable: "MAPS_HOSTED",
  doc: "Names of the maps that the map-server is allowed to host, separated by commas. If this setting is empty, it can host all maps in its folders.",
  fallback: "",
  topic: "game",
  parse: (text) => ({ ok: true, value: text === "" ? null : text.split(",").map((name) => name.trim()) }),
};

const gameSettings = about("game", {
  gameBudgetMs: countSetting(
    "GAME_BUDGET_MS",
    "Milliseconds that one call of a handler of the game is allowed to take. The map-server logs the handlers that take longer, each at most once a minute.",
    50,
    1,
    60_000,
  ),
  gameCommandsPerSecond: countSetting(
    "GAME_COMMANDS_PER_SECOND",
    "Maximum number of commands of the game that a client can send in one second. Further ones are refused with too-many.",
    20,
    1,
    10_000,
  ),
  gameSwitchOffAfter: countSetting(
    "GAME_SWITCH_OFF_AFTER",
    "Maximum number of calls of a handler of the game that take longer than GAME_BUDGET_MS. With the last of them, the handler is switched off until the game is loaded again. 0: handlers are never switched off.",
    0,
    0,
    1_000_000,
  ),
});

const drainSettings = about("stopping", {
  movesPerSecond: countSetting(
    "DRAIN_PER_SECOND",
    "Maximum number of players that a map-server hands over in one second, after other map-servers have begun to host its maps.",
    100,
    1,
    10_000,
  ),
  drainMs: countSetting(
    "DRAIN_WITHIN_MS",
    "Milliseconds in which a map-server that is drained hands its players over. Then it saves and disconnects the rest.",
    60_000,
    0,
    3_600_000,
  ),
});

/** Settings that a map-server has both in its own process and in `sallyport up`. */
export const mapTierSettings = {
  ...doorSettings("MAP", 7300),
  ...publicSettings("MAP"),
  ...innerHostSettings("MAP"),
  ...worldSettings,
  ...gameSettings,
  hosted,
  roleOrders: roleOrdersSetting,
};

/** Settings of a map-server in a process of its own. */
export const mapSettings = {
  ...mapTierSettings,
  ...drainSettings,
  ...charCredentialSettings,
  ...about("links", {
    server: serverNameSetting(
      "MAP_SERVER_NAME",
      "Name of the map-server. Each map-server of a world needs its own, and keeps it when it is restarted.",
      "map-1",
    ),
    char: addressSetting(
      "CHAR_LINK",
      "Link address of the char-server to which the map-server connects.",
      "127.0.0.1:7201",
    ),
  }),
};
