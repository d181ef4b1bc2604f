import { fileURLToPath } from "node:url";
import {
  countSetting,
  doorSettings,
  innerHostSetting,
  linkToSetting,
  optionalTextSetting,
  publicSettings,
  type Setting,
  serverNameSetting,
  textSetting,
} from "@sallyport/server-kit";

const besideMapWorld = (folder: string): string =>
  fileURLToPath(new URL(`../../map-world/${folder}`, import.meta.url));

/** The maps that come with the project. */
export const sampleMapsFolder = besideMapWorld("maps");
/** Names and sizes of maps that Ragnarok clients have. */
export const ragnarokMapsFolder = besideMapWorld("maps-ragnarok");

/** What a map-server is, whoever it is linked to. */
export const worldSettings = {
  mapsFolder: optionalTextSetting(
    "MAPS_FOLDER",
    "folders of .map files, separated as in PATH; if not the two sample maps",
  ),
  playersMax: countSetting("MAP_PLAYERS_MAX", "characters that it takes", 5_000, 1, 100_000),
  stepMs: countSetting("MAP_STEP_MS", "milliseconds a step to a neighbouring cell takes", 150, 20, 10_000),
  viewCells: countSetting("MAP_VIEW_CELLS", "how many cells far others are seen", 14, 2, 100),
  autosaveSeconds: countSetting(
    "MAP_AUTOSAVE_SECONDS",
    "seconds between the saves of a player that changed",
    60,
    1,
    86_400,
  ),
  unsavedSeconds: countSetting(
    "MAP_UNSAVED_SECONDS",
    "seconds that a player plays on that cannot be saved, because a store does not answer; then it is disconnected, and told save-failed",
    300,
    // A save is tried again every five seconds.
    10,
    86_400,
  ),
};

/** Absent is null: all that there are. */
const hosted: Setting<readonly string[] | null> = {
  variable: "MAPS_HOSTED",
  doc: "names of the maps that it may host, separated by commas; all that it has files of, if not set",
  fallback: "",
  parse: (text) => ({ ok: true, value: text === "" ? null : text.split(",").map((name) => name.trim()) }),
};

const drainSettings = {
  movesPerSecond: countSetting(
    "DRAIN_PER_SECOND",
    "how many players are passed on in a second to a map-server that has their map by now",
    100,
    1,
    10_000,
  ),
  drainMs: countSetting(
    "DRAIN_WITHIN_MS",
    "milliseconds in which a map-server that is drained passes its players on; then it saves and disconnects the others",
    60_000,
    0,
    3_600_000,
  ),
};

export const mapSettings = {
  ...doorSettings("MAP", 7300),
  ...publicSettings("MAP"),
  ...worldSettings,
  ...drainSettings,
  hosted,
  innerHost: innerHostSetting("MAP"),
  server: serverNameSetting(
    "MAP_SERVER_NAME",
    "its name, unlike any other map-server's of the world",
    "map-1",
  ),
  username: textSetting("CHAR_USERNAME", "the char-server's username", {
    fallback: "alpha",
    pattern: /^[\w-]{1,32}$/,
  }),
  password: textSetting("CHAR_PASSWORD", "the char-server's password", { isSecret: true }),
  char: linkToSetting("CHAR_LINK", "char-server's link port", 7201),
};
