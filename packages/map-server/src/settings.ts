import { fileURLToPath } from "node:url";
import {
  countSetting,
  doorSettings,
  linkToSetting,
  optionalTextSetting,
  publicSettings,
  textSetting,
} from "@sallyport/server-kit";

/** The maps that come with the project. */
export const sampleMapsFolder = fileURLToPath(new URL("../../map-world/maps", import.meta.url));

/** What a map-server is, whoever it is linked to. */
export const worldSettings = {
  mapsFolder: optionalTextSetting("MAPS_FOLDER", "folder of .map files, if not the two sample maps"),
  playersMax: countSetting("MAP_PLAYERS_MAX", "characters that it takes", 5_000, 1, 100_000),
  stepMs: countSetting("MAP_STEP_MS", "milliseconds a step to a neighbouring cell takes", 150, 20, 10_000),
  viewCells: countSetting("MAP_VIEW_CELLS", "how many cells far others are seen", 14, 2, 100),
  autosaveSeconds: countSetting(
    "MAP_AUTOSAVE_SECONDS",
    "how often who changed is saved while playing",
    60,
    1,
    86_400,
  ),
};

export const mapSettings = {
  ...doorSettings("MAP", 7300),
  ...publicSettings("MAP"),
  ...worldSettings,
  server: textSetting("MAP_SERVER_NAME", "its name, unlike any other map-server's of the world", {
    fallback: "map-1",
    pattern: /^[\w.-]{1,32}$/,
  }),
  username: textSetting("CHAR_USERNAME", "the char-server's username", {
    fallback: "alpha",
    pattern: /^[\w-]{1,32}$/,
  }),
  password: textSetting("CHAR_PASSWORD", "the char-server's password", { isSecret: true }),
  char: linkToSetting("CHAR_LINK", "char-server's link port", 7201),
};
