import { codePageNames, codePages, usualCodePage } from "@sallyport/dialects/ragnarok";
import {
  about,
  choiceSetting,
  countSetting,
  flagSetting,
  optionalPortSetting,
  optionalTextSetting,
  type Setting,
  textSetting,
} from "@sallyport/server-kit";
import type { Protocol } from "../../protocol.ts";
import { protocolFolder } from "../../settings.ts";
import { SlimeCodec } from "./codec.ts";
import { playingRules } from "./playing.ts";
import { Rooms, readRooms, readSpot } from "./rooms.ts";
import { type SlimeSaid, type Spot, saidTypes } from "./said.ts";
import type { SlimeState } from "./state.ts";
import { go } from "./step.ts";
import { type SlimeRules, slimeTable } from "./table.ts";
import type { SlimeTold } from "./told.ts";

const usualPort = 5_555;
/** Clients that do not log in are idle after this time. */
const loginMs = 30_000;
const tickMs = 1_000;
const motdCharsMax = 200;

export interface SlimeOptions extends SlimeRules {
  readonly codePage: (typeof codePageNames)[number];
  readonly secondLogin: "takeover" | "reject";
  readonly clientsMax: number;
}

/** The protocol 0.106. */
export function slimeProtocol({
  codePage,
  secondLogin,
  clientsMax,
  ...rules
}: SlimeOptions): Protocol<SlimeState, SlimeSaid, SlimeTold> {
  return {
    name: "slime",
    secondLogin,
    messages: saidTypes,
    codec: () => new SlimeCodec(codePages[codePage]),
    begin: go({ at: "start" }),
    table: slimeTable(rules, playingRules(rules.rooms)),
    withinMs: { start: loginMs },
    tickMs,
    clientsMax,
  };
}

const roomsSetting: Setting<ReadonlyMap<number, string>> = {
  variable: "SLIME_ROOMS",
  doc: "Rooms of slime clients: the number of each, 0 to 1000, and the map that it is. New characters begin in the first one. The map files have to say `room: open` and `movement: reported`.",
  fallback: "1=meadow,2=grove",
  allowed: "a list like 1=meadow,2=grove",
  parse(text) {
    const value = readRooms(text);
    return value === null
      ? { ok: false, expected: "a list of different rooms and maps, like 1=meadow,2=grove" }
      : { ok: true, value };
  },
};

const spawnSetting: Setting<Spot> = {
  variable: "SLIME_SPAWN",
  doc: "Where slime clients begin in the first of SLIME_ROOMS, in units of the map.",
  fallback: "160,120",
  allowed: "a place like 160,120",
  parse(text) {
    const value = readSpot(text);
    return value === null ? { ok: false, expected: "a place like 160,120" } : { ok: true, value };
  },
};

const settings = about("front", {
  port: optionalPortSetting(
    "SLIME_PORT",
    `Port of the front for clients of the protocol 0.106 of seed 004, usually ${usualPort}. 0 picks a free port; empty opens none.`,
    "FRONT_HOST",
  ),
  rooms: roomsSetting,
  spawn: spawnSetting,
  world: optionalTextSetting(
    "SLIME_WORLD",
    "Name of the world of SLIME_ROOMS. If this setting is empty, the first world by its name is used.",
  ),
  motd: textSetting("SLIME_MOTD", "What a slime client reads after its login.", {
    fallback: "Welcome!",
    pattern: new RegExp(`^\\P{Cc}{0,${motdCharsMax}}$`, "u"),
    expected: `at most ${motdCharsMax} characters in one line`,
  }),
  codePage: choiceSetting(
    "SLIME_CODE_PAGE",
    "Code page in which slime clients write names, passwords and chat.",
    usualCodePage,
    codePageNames,
  ),
  saysNoAccount: flagSetting(
    "SLIME_SAYS_NO_ACCOUNT",
    "Whether a slime client with a wrong password is told that the name does not exist (2) or is banned (6), as seed 004 has it. Without it, and wherever registration is not open, each of them is a wrong password (3).",
    false,
  ),
  secondLogin: choiceSetting(
    "SLIME_SECOND_LOGIN",
    "Answer to a login of a slime client whose account is in use. The older client has to leave in any case. kick: the login succeeds when it has left. reject: the login is refused (4), and succeeds when it is sent again later. LOGIN_SECOND of the login-server can decide otherwise.",
    "kick",
    ["kick", "reject"],
  ),
  clientsMax: countSetting(
    "SLIME_CLIENTS_MAX",
    "Maximum number of open connections of slime clients. The front closes further ones.",
    1_000,
    1,
    1_000_000,
  ),
});

export const slimeFolder = protocolFolder({
  name: "slime",
  usualPort,
  tryWith: ({ host, port }) => `npm run slime -- --register --host ${host} --port ${port}`,
  settings,
  allDoors: { SLIME_SAYS_NO_ACCOUNT: "yes" },
  rooms: ({ rooms }) =>
    [...rooms.values()].map((map) => ({ variable: "SLIME_ROOMS", map, isReported: true })),
  async serve({ rooms, spawn, secondLogin, ...rules }, front, at) {
    const wish = secondLogin === "kick" ? "takeover" : "reject";
    return front.serve(slimeProtocol({ ...rules, rooms: new Rooms(rooms, spawn), secondLogin: wish }), at);
  },
});
