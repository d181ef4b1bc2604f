import type { CodePage } from "@sallyport/dialects/ragnarok";
import { WireError } from "@sallyport/wire";
import { PayloadReader } from "./payload.ts";

/* The messages of a client. A payload is the id, unsigned 16-bit, and the fields of that message. */

export interface Spot {
  /** In the units of the room. */
  readonly x: number;
  readonly y: number;
}

/** What a key does, by the numbers of the protocol: 1 to 13. Only some of them say where the player is. */
export interface KeyMove {
  readonly direction: number;
  /** Null: not told. A jump tells only `x`, signed. */
  readonly x: number | null;
  readonly y: number | null;
}

interface Credentials {
  readonly name: string;
  readonly password: string;
  /** The hardware address of the client. */
  readonly mac: string;
}

export type SlimeSaid =
  /** `version` is null in the form of the real client, which does not send it. */
  | ({ readonly type: "register"; readonly version: string | null } & Credentials)
  | ({ readonly type: "login"; readonly version: string } & Credentials)
  /** Where the player is: the answers to NEW_PLAYER and POSITION, and PLAYER_STOP. */
  | ({ readonly type: "place" | "stop" } & Spot)
  | ({ readonly type: "move" } & KeyMove)
  | ({ readonly type: "room"; readonly room: number } & Spot)
  | { readonly type: "chat"; readonly text: string }
  | { readonly type: "emote"; readonly emote: number }
  | { readonly type: "logout" | "ping" | "ping-request" | "save" | "typing" }
  /** No message of this front has this id. */
  | { readonly type: "unknown"; readonly id: number }
  /** The payload is not what its id promises. */
  | { readonly type: "junk"; readonly why: string };

export const saidTypes: { readonly [T in SlimeSaid["type"]]: true } = {
  ...{ register: true, login: true, logout: true, ping: true, "ping-request": true, place: true, stop: true },
  ...{ move: true, room: true, chat: true, typing: true, emote: true, save: true, unknown: true, junk: true },
};

const spot = (from: PayloadReader): Spot => ({ x: from.u16(), y: from.u16() });

/** Both messages begin with the player that asked for the place. Everybody in the room learns it anyway. */
function place(from: PayloadReader): SlimeSaid {
  from.u16();
  return { type: "place", ...spot(from) };
}

/** The directions that say where the player is. */
const placed: ReadonlySet<number> = new Set([1, 2, 5, 6, 9]);
const jump = 3;
const directionsMax = 13;

/** What a key says of the place. 0, standing still, says the place: it is PLAYER_STOP on the wire. */
const saysOfPlace = (direction: number): "all" | "x" | "nothing" =>
  direction === 0 || placed.has(direction) ? "all" : direction === jump ? "x" : "nothing";

const isWhole = (value: unknown, least: number, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
const isU16 = (value: unknown): value is number => isWhole(value, 0, 0xffff);

/** A key as a game tells it, with 0 for standing still. Null if it is not what a client could have said. */
export function keyIn(body: { readonly [key: string]: unknown }): KeyMove | null {
  const { direction, x, y } = body;
  if (!isWhole(direction, 0, directionsMax)) return null;
  const says = saysOfPlace(direction);
  if (says === "all") return isU16(x) && isU16(y) ? { direction, x, y } : null;
  if (y !== null) return null;
  if (says === "x") return isWhole(x, -0x8000, 0x7fff) ? { direction, x, y } : null;
  return x === null ? { direction, x, y } : null;
}

function move(from: PayloadReader): SlimeSaid {
  const direction = from.u8();
  if (direction < 1 || direction > directionsMax) throw new WireError("direction", "is none");
  const says = saysOfPlace(direction);
  if (says === "all") return { type: "move", direction, ...spot(from) };
  return { type: "move", direction, x: says === "x" ? from.i16() : null, y: null };
}

/** The seed's form begins with the version, and has four texts. The real client's has three. */
function register(from: PayloadReader): SlimeSaid {
  const [first, second, third] = [from.text(), from.text(), from.text()];
  return from.hasText
    ? { type: "register", version: first, name: second, password: third, mac: from.text() }
    : { type: "register", version: null, name: first, password: second, mac: third };
}

const readers: { readonly [id: number]: (from: PayloadReader) => SlimeSaid } = {
  1: place,
  2: move,
  6: () => ({ type: "logout" }),
  7: register,
  9: () => ({ type: "ping" }),
  10: (from) => {
    const [version, name, password, mac] = [from.text(), from.text(), from.text(), from.text()];
    return { type: "login", version, name, password, mac };
  },
  14: (from) => ({ type: "room", room: from.u16(), ...spot(from) }),
  15: place,
  17: (from) => ({ type: "chat", text: from.text() }),
  19: () => ({ type: "save" }),
  23: (from) => ({ type: "emote", emote: from.u8() }),
  43: (from) => ({ type: "stop", ...spot(from) }),
  117: () => ({ type: "ping-request" }),
  133: () => ({ type: "typing" }),
};

/** Reads a decrypted payload. It never throws: what cannot be read is a message too. */
export function readSaid(payload: Uint8Array, codePage: CodePage): SlimeSaid {
  try {
    const from = new PayloadReader(payload, codePage);
    const id = from.u16();
    return readers[id]?.(from) ?? { type: "unknown", id };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { type: "junk", why: error.message };
  }
}
