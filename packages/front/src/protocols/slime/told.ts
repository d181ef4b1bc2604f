import type { CodePage } from "@sallyport/dialects/ragnarok";
import type { Account, Looks } from "./account.ts";
import { PayloadWriter } from "./payload.ts";
import type { Spot } from "./said.ts";

/* The messages to a client, with their ids. `pid` is the number of a player on this connection. */

export interface SeenPlayer extends Spot {
  readonly pid: number;
  readonly room: number;
  readonly name: string;
  readonly looks: Looks;
}

interface Of {
  readonly pid: number;
}

interface ToldBodies {
  /** REGISTER: 1 success, 2 the name or another field is not accepted, 3 address banned, 4 device banned. */
  registered: { readonly result: number };
  /** LOGIN: why not, 2 to 8. */
  "login-refused": { readonly case: number };
  "logged-in": { readonly account: Account };
  /** NEW_PLAYER: somebody came. The client answers with its place. */
  came: { readonly player: SeenPlayer };
  /** NEW_PLAYER: somebody is here already, and presses no key. */
  present: { readonly player: SeenPlayer };
  moved: Of & { readonly direction: number; readonly x: number | null; readonly y: number | null };
  stopped: Of & Spot;
  /** LOGOUT of another player. */
  left: Of;
  chat: Of & { readonly text: string };
  typing: Of;
  emote: Of & { readonly emote: number };
  /** SAVE: the character is saved. */
  saved: object;
  ping: object;
  "ping-answer": object;
  /** TIME: hour, minute or day. */
  time: { readonly part: 1 | 2 | 3; readonly value: number };
  /** Puts the client into a room: WARP_CENTER_USE_SLOT, which operators of the original use too. */
  put: { readonly room: number } & Spot;
  /** SERVER_CLOSE with its reason. Clients that know no reason pass over it. */
  bye: { readonly reason: string };
}

export type SlimeTold = {
  readonly [T in keyof ToldBodies]: { readonly type: T } & ToldBodies[T];
}[keyof ToldBodies];

type Write<T extends keyof ToldBodies> = (to: PayloadWriter, told: ToldBodies[T]) => PayloadWriter;

const looks = (to: PayloadWriter, { body, accessory1, accessory2 }: Looks): PayloadWriter =>
  to.u16(body, accessory1, accessory2);

/** 104 bytes behind the two texts. */
function account(
  to: PayloadWriter,
  { moment, character, motd, pid, name, room, x, y }: Account,
): PayloadWriter {
  const { points, hasSignature, questId, questStep, treesPlanted, objectsBuilt } = character;
  const { emotes, outfits, accessories, items, tools } = character;
  to.u8(1).u16(pid).u32(moment.unixSeconds).text(motd).u8(moment.day, moment.hour, moment.minute);
  looks(to.text(name).u16(x, y, room), character.looks);
  to.u32(points)
    .u8(hasSignature ? 1 : 0)
    .u16(questId)
    .u8(questStep);
  to.u16(treesPlanted, objectsBuilt).u8(...emotes);
  return to.u16(...outfits, ...accessories, ...items).u8(...tools);
}

const writers: { readonly [T in keyof ToldBodies]: readonly [id: number, write: Write<T>] } = {
  registered: [7, (to, { result }) => to.u8(result)],
  "login-refused": [10, (to, { case: why }) => to.u8(why)],
  "logged-in": [10, (to, told) => account(to, told.account)],
  came: [
    1,
    (to, { player: { x, y, pid, room, name, looks: worn } }) =>
      looks(to.u8(1).u16(x, y, pid, room).text(name), worn),
  ],
  present: [
    1,
    (to, { player: { x, y, pid, room, name, looks: worn } }) =>
      looks(to.u8(2).u16(x, y, pid).u8(0, 0, 0, 0, 0).u16(room).text(name), worn),
  ],
  moved: [
    2,
    (to, { pid, direction, x, y }) => {
      to.u16(pid).u8(direction);
      for (const each of [x, y]) if (each !== null) to.u16(each);
      return to;
    },
  ],
  stopped: [43, (to, { pid, x, y }) => to.u16(pid, x, y)],
  left: [6, (to, { pid }) => to.u16(pid)],
  chat: [17, (to, { pid, text }) => to.u16(pid).text(text)],
  typing: [133, (to, { pid }) => to.u16(pid)],
  emote: [23, (to, { pid, emote }) => to.u16(pid).u8(emote)],
  saved: [19, (to) => to],
  ping: [9, (to) => to],
  "ping-answer": [117, (to) => to],
  time: [21, (to, { part, value }) => to.u8(part, value)],
  put: [77, (to, { room, x, y }) => to.u16(room, x, y)],
  bye: [24, (to, { reason }) => to.text(reason)],
};

/** The payload of a message, before it is encrypted. */
export function toldPayload(told: SlimeTold, codePage: CodePage): Uint8Array {
  // The compiler cannot see that this writer belongs to this message.
  const [id, write] = writers[told.type] as unknown as readonly [
    number,
    (to: PayloadWriter, told: SlimeTold) => PayloadWriter,
  ];
  return write(new PayloadWriter(codePage).u16(id), told).bytes;
}
