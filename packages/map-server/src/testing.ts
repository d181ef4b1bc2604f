import { nativeMapDoor, plainIntroduction } from "@sallyport/dialects/native";
import {
  AccountId,
  CharId,
  type EventOf,
  Fence,
  type JsonObject,
  LoginId,
  type MapDoor,
  type Position,
  plainLooks,
  plainStanding,
} from "@sallyport/domain";
import type { LoadedCharacter } from "@sallyport/game-core";
import { type Client, type Host, readSettings, silentLog } from "@sallyport/server-kit";
import { expectedPlayer, type Player } from "./player.ts";
import { mapTierSettings } from "./settings.ts";

/* The maps of a map-server and the game on them, without the server: what the tests of a game need. */

export { PlayedGame } from "./game/played-game.ts";
export type { RunningGame } from "./game/running-game.ts";
export { worldDefinitionsOf } from "./game/world-definitions.ts";
export type { MapRunner } from "./map-runner.ts";
export { Places } from "./places.ts";
export type { Player };

/** What the maps and the game use of `Host`. */
export type MapsHost = Pick<Host, "clock" | "log" | "random" | "metrics">;

const { stepMs, viewCells, gameCommandsPerSecond, gameBudgetMs } = mapTierSettings;
/** What a map-server has if nothing is set. */
export const defaultMapSettings = readSettings(
  { stepMs, viewCells, gameCommandsPerSecond, gameBudgetMs },
  {},
);

/** A client that is connected in memory. It reads everything at once. */
export const clientInMemory = (heard: (event: EventOf<MapDoor>) => void): Client<MapDoor> => ({
  remote: "memory",
  address: "memory",
  dialect: nativeMapDoor,
  introduction: plainIntroduction,
  isConnected: true,
  log: silentLog(),
  follow() {},
  send: heard,
  show: heard,
  flush() {},
  unreadBytes: 0,
  disconnect() {},
});

/** A player whose character nothing has stored. `nth` tells players apart, from 1. */
export function unstoredPlayer(of: {
  readonly nth: number;
  readonly name: string;
  readonly position: Position;
  readonly stored: JsonObject;
  readonly loaded: LoadedCharacter;
}): Player {
  const { nth, name, position, stored, loaded } = of;
  const ids = {
    accountId: AccountId(nth),
    charId: CharId(nth),
    loginId1: LoginId(nth),
    loginId2: LoginId(nth),
  };
  const fences = { accountFence: Fence(1), charFence: Fence(1) };
  const shown = { name, sex: "female", looks: plainLooks, slot: 0, ...plainStanding } as const;
  const handedOver = { ...ids, ...fences, ...shown, position, attributes: "", waitMs: 0, trace: "" };
  return expectedPlayer({ type: "character.expect", ...handedOver }, 0, stored, loaded);
}
