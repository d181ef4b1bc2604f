import { characterNameKinds } from "@sallyport/database";
import { mapNameForm, type Position } from "@sallyport/domain";
import {
  about,
  addressesSetting,
  charCredentialSettings,
  choiceSetting,
  countSetting,
  doorSettings,
  flagSetting,
  innerHostSettings,
  linkBoundSettings,
  linkListenSettings,
  publicSettings,
  roleOrdersSetting,
  type Setting,
  worldName,
} from "@sallyport/server-kit";

const place = new RegExp(`^(${mapNameForm})(?::(\\d{1,4}),(\\d{1,4}))?$`);

const spawn: Setting<Position> = {
  variable: "WORLD_SPAWN",
  doc: "Place where new characters begin: a map, or a cell of it as map:x,y. A map alone means its cell 0,0. If nobody can walk on the cell, characters begin at the spawn of the map.",
  fallback: "harbour:41,31",
  parse(text) {
    const match = place.exec(text);
    const map = match?.[1];
    if (map === undefined) return { ok: false, expected: "a map like harbour, or a cell like harbour:12,30" };
    return { ok: true, value: { map, x: Number(match?.[2] ?? 0), y: Number(match?.[3] ?? 0) } };
  },
};

/** Every char-server has these settings, in a process of its own or together with other servers. */
export const charTierSettings = {
  ...doorSettings("CHAR", 7200),
  ...publicSettings("CHAR"),
  ...innerHostSettings("CHAR"),
  ...linkBoundSettings("CHAR", "map-server"),
  roleOrders: roleOrdersSetting,
  ...about("game", {
    world: worldName,
    spawn,
    hasDefaultCharacter: flagSetting(
      "DEFAULT_CHARACTER",
      "Whether an account without a character in the world gets one when it enters. It has the name of the account and begins at WORLD_SPAWN. If another character has the name, or the account has only an e-mail address, it gets none.",
      false,
    ),
    deletionS: countSetting(
      "WORLD_DELETION_SECONDS",
      "Seconds that have to pass between the request to delete a character and its deletion. 0 allows deletion at once.",
      0,
      0,
      31_536_000,
    ),
    nameKind: choiceSetting(
      "CHARACTER_NAMES",
      "Rule for the names of new characters. plain: 3 to 20 ASCII letters, digits and underscores. blanks: 3 to 23 of these, with single blanks between words. unicode: 3 to 23 letters, digits and underscores of any one alphabet, with single blanks between words; a name that looks like an existing one is refused.",
      "plain",
      characterNameKinds,
    ),
    slotCount: countSetting(
      "WORLD_SLOTS",
      "Maximum number of characters of one account in the world.",
      9,
      1,
      255,
    ),
  }),
};

/** A char-server in a process of its own has these settings. */
export const charSettings = {
  ...charTierSettings,
  ...linkListenSettings("CHAR", "map-server", 7201),
  ...charCredentialSettings,
  ...about("links", {
    logins: addressesSetting(
      "LOGIN_LINK",
      "Link addresses of the login-servers: several separated by commas, or one DNS name with several addresses. The char-server uses one at a time, and fails over to another when its link is lost.",
      "127.0.0.1:7101",
    ),
  }),
};
