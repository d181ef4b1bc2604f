import { characterNameKinds } from "@sallyport/database";
import { mapNameForm, type Position } from "@sallyport/domain";
import {
  addressesSetting,
  choiceSetting,
  countSetting,
  doorSettings,
  innerHostSetting,
  linkListenSettings,
  publicSettings,
  type Setting,
  textSetting,
} from "@sallyport/server-kit";

const place = new RegExp(`^(${mapNameForm})(?::(\\d{1,4}),(\\d{1,4}))?$`);

const spawn: Setting<Position> = {
  variable: "WORLD_SPAWN",
  doc: "where new characters begin: a map, or map:x,y; a cell that is not walkable stands for the map's own spawn",
  fallback: "harbour:41,31",
  parse(text) {
    const match = place.exec(text);
    const map = match?.[1];
    if (map === undefined) return { ok: false, expected: "a map like harbour, or a cell like harbour:12,30" };
    return { ok: true, value: { map, x: Number(match?.[2] ?? 0), y: Number(match?.[3] ?? 0) } };
  },
};

/** A char-server's own at the login-server; its map-servers use them too. */
export const charCredentialSettings = {
  username: textSetting("CHAR_USERNAME", "the char-server's username", {
    fallback: "alpha",
    pattern: /^[\w-]{1,32}$/,
  }),
  password: textSetting("CHAR_PASSWORD", "the char-server's password", { isSecret: true }),
};

export const charSettings = {
  ...doorSettings("CHAR", 7200),
  ...publicSettings("CHAR"),
  innerHost: innerHostSetting("CHAR"),
  ...linkListenSettings("CHAR", "map-server", 7201),
  ...charCredentialSettings,
  logins: addressesSetting(
    "LOGIN_LINK",
    "where login-servers take links; of several, with commas between or as addresses of one name, the char-server is linked to one, and goes on to another when that link is lost",
    "127.0.0.1:7101",
  ),
  world: textSetting("WORLD_NAME", "what clients see in the list of worlds", {
    fallback: "Alpha",
    pattern: /^[\w -]{1,20}$/,
    expected: "1 to 20 letters, digits, spaces, _ or -",
  }),
  spawn,
  deletionS: countSetting(
    "WORLD_DELETION_SECONDS",
    "seconds between the request to delete a character and its deletion; 0: none",
    0,
    0,
    31_536_000,
  ),
  nameKind: choiceSetting(
    "CHARACTER_NAMES",
    "rule for the names of new characters. plain: 3 to 20 ASCII letters, digits and underscores; blanks: up to 23, with single blanks between words; unicode: the same in any one alphabet, and no name that looks like an existing one",
    "plain",
    characterNameKinds,
  ),
  slotCount: countSetting("WORLD_SLOTS", "characters that an account may have", 9, 1, 255),
};
