import {
  AccountId,
  type Actor,
  type Cell,
  CharId,
  firstActorId,
  type MapDoor,
  type MapEntered,
} from "@sallyport/domain";
import type { GivenOptions } from "../src/ragnarok/index.ts";
import { dialects, RagnarokClient } from "./ragnarok-client.ts";

export const startMs = 0x0027_4eaa;
export const enters = "3604 81841e00 f1490200 77901111 162f3501 00";
export const loaded = "7d00";

export const entered: MapEntered = {
  charId: CharId(150_001),
  name: "TestChar",
  position: { map: "prontera", x: 156, y: 191 },
  width: 312,
  height: 392,
  cells: new Uint8Array(0),
  stepMs: 200,
  viewCells: 14,
  movement: null,
  isRoom: false,
};
export const bob = {
  accountId: AccountId(2_000_000),
  charId: CharId(150_000),
  name: "Bob",
  sex: "male",
  looks: { hairStyle: 7, hairColour: 2 },
  x: 150,
  y: 181,
  path: [],
  walked: 0,
  stepMs: 200,
  cameFrom: null,
  shown: new Uint8Array(),
  kind: "player",
} satisfies Actor;
export const bobIds = { accountId: bob.accountId, charId: bob.charId };
export const ownIds = { accountId: AccountId(2_000_001), charId: entered.charId };
export const bobId = "80841e00";
export const ownId = "81841e00";

export const open = (options: Partial<GivenOptions> = {}) =>
  new RagnarokClient<MapDoor>(dialects(options).map, startMs);

export function inWorld(options: Partial<GivenOptions> = {}, value = entered) {
  const client = open(options);
  client.says(enters);
  client.isAnswered("map.enter", { ok: true, value });
  return client;
}

/** Loads the map. The server has no other player to show there. */
export function loads(client: RagnarokClient<MapDoor>): void {
  client.says(loaded);
  client.isAnswered("map.look", { ok: true, value: {} });
}

/** Returns a client that has loaded the map and has got all packets about it. */
export function playing(options: Partial<GivenOptions> = {}, value = entered) {
  const client = inWorld(options, value);
  loads(client);
  client.hears();
  return client;
}

export const east = (from: Cell, steps: number): Cell[] =>
  Array.from({ length: steps }, (_, i) => ({ x: from.x + i + 1, y: from.y }));

/** Returns the bytes of a move in the layout of `move6`. */
export function moveFrom(from: Cell, to: Cell): string {
  const bits = [from.x, from.y, to.x, to.y].map((each) => each.toString(2).padStart(10, "0")).join("");
  return `${Number.parseInt(bits, 2).toString(16).padStart(10, "0")}88`;
}

/** The fields are speed, three kinds of options, job and hair. Bob wears nothing up to the lower head. */
export const bobToHead = `${bobId} c800 0000 0000 00000000 0000 0700 00*6`;
/** The fields are upper head, middle head, two colours and the direction of the head. */
export const bobToDir = "0000 0000 0200 0000 0000";
const bobToSex = `${bobToDir} 00*8 00000000 00 01`;
export const standing = (at: string) =>
  `f907 5700 00 ${bobToHead} ${bobToSex} ${at} 05 05 00 0100 0000 "Bob" 00*21`;

/** The bytes of an actor that is no player: it wears nothing, and has no level and no size. */
export const figure = (kind: string, id: string, job: string, at: string, name: string) =>
  `f907 5700 ${kind} ${id} c800 0000 0000 00000000 ${job} 00*32 ${at} 00 00 00 0000 0000 ${name}`;

export const kafra = {
  kind: "npc",
  accountId: AccountId(0),
  charId: CharId(firstActorId + 1),
  name: "Kafra",
  sex: "female",
  looks: { class: 117 },
  x: 150,
  y: 180,
  path: [],
  walked: 0,
  stepMs: 200,
  cameFrom: null,
  shown: new Uint8Array(),
} satisfies Actor;
export const kafraId = "01000080";
