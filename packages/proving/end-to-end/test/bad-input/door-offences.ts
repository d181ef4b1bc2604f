import {
  charDoorMessages,
  loginDoorEvents,
  loginDoorMessages,
  mapDoorMessages,
} from "@sallyport/dialects/native";
import { kickFor } from "@sallyport/domain";
import { encodeFrame, MessageCodec, type MessageTable } from "@sallyport/wire";
import { packList } from "../../../../wire/src/message-pack.ts";
import type { DoorName } from "./scene.ts";

const tables = { login: loginDoorMessages, char: charDoorMessages, map: mapDoorMessages };

type Fields = { readonly type: string; readonly [field: string]: unknown };

const encode = (table: MessageTable, message: Fields): Uint8Array =>
  new MessageCodec(table).encode(message as never, 5_000);

interface Door {
  /** A command that a client may send at any time. At worst, the server refuses it. */
  readonly command: Uint8Array;
  /** A command from the table of another door. */
  readonly foreign: Uint8Array;
  /**
   * The id of the command, with fields of the wrong type: a text in place of a number, or a number in place
   * of a text.
   */
  readonly mistyped: Uint8Array;
  /** A command that the client may not send yet. */
  readonly early: Uint8Array;
}

const mistyped = (table: MessageTable, name: string, ...values: unknown[]): Uint8Array =>
  new Uint8Array(packList([table[name]?.id, 5_000, ...values]));

const choose = encode(tables.char, { type: "char.choose", charId: 1 });
const walk = encode(tables.map, { type: "map.walk", x: 1, y: 1 });
const salt = encode(tables.login, { type: "login.salt", name: "nobody" });

export const doorsOf: { readonly [D in DoorName]: Door } = {
  login: {
    command: salt,
    foreign: choose,
    mistyped: mistyped(tables.login, "login.password", "somebody", 1_234_567_890),
    early: encode(tables.login, {
      type: "login.prove",
      name: "nobody",
      proof: new Uint8Array(32),
      clientNonce: new Uint8Array(32),
    }),
  },
  char: {
    command: encode(tables.char, { type: "char.delete", charId: 1 }),
    foreign: walk,
    mistyped: mistyped(tables.char, "char.enter", "one", 2_345_678_901, 3_456_789_012, "female"),
    early: choose,
  },
  map: {
    command: walk,
    foreign: salt,
    mistyped: mistyped(tables.map, "map.enter", 1, 2, -1, "female"),
    early: walk,
  },
};

export interface DoorOffence {
  readonly what: string;
  readonly bytes: (door: Door) => Uint8Array;
  /** Matches the reason in the log. */
  readonly why: RegExp;
}

const nonsense = (what: string): RegExp => new RegExp(`^sent nonsense: ${what}$`);
const many = (count: number, frame: (id: number) => Uint8Array): Uint8Array =>
  Buffer.concat(Array.from({ length: count }, (_, index) => frame(index + 1)));

/** For each of these offences, the server disconnects the client. */
export const doorOffences: readonly DoorOffence[] = [
  {
    what: "announces a frame that is too long",
    bytes: () => Uint8Array.of(0x7f, 0xff, 0xff, 0xff),
    why: nonsense("frame: longer than allowed"),
  },
  {
    what: "announces a frame that is shorter than its header",
    bytes: () => Uint8Array.of(0, 0, 0, 1),
    why: nonsense("frame: shorter than its header"),
  },
  {
    what: "sends a frame of an unknown kind",
    bytes: ({ command }) => encodeFrame("request", 1, command).with(4, 0x77),
    why: nonsense("frame: unknown kind"),
  },
  {
    what: "speaks another protocol",
    bytes: () => Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    why: nonsense("frame: longer than allowed"),
  },
  {
    what: "sends a command that ends too early",
    bytes: ({ command }) => encodeFrame("request", 1, command.slice(0, -1)),
    why: nonsense("ends too early"),
  },
  {
    what: "sends a command with bytes after it in its frame",
    bytes: ({ command }) => encodeFrame("request", 1, Buffer.concat([command, command])),
    why: nonsense("followed by more"),
  },
  {
    what: "sends a wrong length within a command",
    bytes: () => encodeFrame("request", 1, Uint8Array.of(0x93, 1, 0, 0xdb, 0xff, 0xff, 0xff, 0xff)),
    why: nonsense("ends too early"),
  },
  {
    what: "sends endlessly nested lists",
    bytes: () => encodeFrame("request", 1, new Uint8Array(3_000).fill(0x91)),
    why: nonsense("nested too deep"),
  },
  {
    what: "sends an unknown command",
    bytes: () => encodeFrame("request", 1, new Uint8Array(packList([0x7fff, 0]))),
    why: nonsense("unknown message"),
  },
  {
    what: "sends a command of another door",
    bytes: ({ foreign }) => encodeFrame("request", 1, foreign),
    why: nonsense("unknown message"),
  },
  {
    what: "sends a value of the wrong type",
    bytes: ({ mistyped: body }) => encodeFrame("request", 1, body),
    why: /^sent nonsense: \w+\.\w+\.\w+: expected /,
  },
  {
    what: "sends a command without its fields",
    bytes: ({ mistyped: body }) => encodeFrame("request", 1, new Uint8Array(packList([idOf(body), 0]))),
    why: /^sent nonsense: \w+\.\w+\.\w+: expected /,
  },
  {
    what: "sends a command as a notice",
    bytes: ({ command }) => encodeFrame("notice", 0, command),
    why: /^sent nonsense: \w+\.\w+: a request sent as a notice$/,
  },
  {
    what: "sends a message that only servers send",
    bytes: () =>
      encodeFrame("notice", 0, encode(loginDoorEvents, { type: "client.kicked", ...kickFor("timed-out") })),
    why: nonsense("unknown message"),
  },
  {
    what: "answers a request that was never sent",
    bytes: ({ command }) => encodeFrame("reply", 1, command),
    why: nonsense("an answer to no request"),
  },
  {
    what: "refuses a request that was never sent",
    bytes: ({ command }) => encodeFrame("refusal", 7, command),
    why: nonsense("an answer to no request"),
  },
  {
    what: "sends far more requests at once than any client needs",
    bytes: ({ command }) => many(200, (id) => encodeFrame("request", id, command)),
    why: /^sent nonsense: \w+\.\w+: more requests at once than allowed$/,
  },
  {
    what: "sends a right command and then nonsense in the same bytes",
    bytes: ({ command }) =>
      Buffer.concat([encodeFrame("request", 1, command), new Uint8Array(16).fill(0xff)]),
    why: nonsense("frame: longer than allowed"),
  },
];

const idOf = (body: Uint8Array): number => new DataView(body.buffer, body.byteOffset).getUint16(2);
