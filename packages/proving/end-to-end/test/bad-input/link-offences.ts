import { charToLogin, clusterProtocolVersion, mapToChar } from "@sallyport/cluster-protocol";
import { encodeFrame, MessageCodec, type MessageTable } from "@sallyport/wire";
import { packList, unpackList } from "../../../../wire/src/message-pack.ts";
import type { LinkName } from "./scene.ts";

type Fields = { readonly type: string; readonly [field: string]: unknown };

export interface LinkPort {
  readonly of: "char-server" | "map-server";
  readonly table: MessageTable;
  /** The link password admits this server, and the server is not linked yet. */
  readonly credentials: { readonly server: string; readonly username: string };
  readonly hello: Uint8Array;
  readonly request: Uint8Array;
  /** A request that belongs to the links of the other tier. */
  readonly foreign: Uint8Array;
}

const encode = (table: MessageTable, message: Fields): Uint8Array =>
  new MessageCodec(table).encode(message as never, 5_000);

const announce = encode(mapToChar, {
  type: "map-server.announce",
  ...{ host: "memory", port: 9, maps: [], playersMax: 1, wsUrl: null, otherDoors: [], isDraining: false },
  ...{ near: [], hearsOrders: true },
});
const hold = encode(charToLogin, {
  type: "account.hold",
  accountId: 1,
  loginId1: 2,
  loginId2: 3,
  sex: "female",
});

function portOf(
  of: LinkPort["of"],
  table: MessageTable,
  credentials: LinkPort["credentials"],
  request: Uint8Array,
  foreign: Uint8Array,
): LinkPort {
  const nonce = new Uint8Array(32).fill(0x5a);
  const hello = encode(table, { type: "link.hello", version: clusterProtocolVersion, nonce, ...credentials });
  return { of, table, credentials, hello, request, foreign };
}

export const linkPorts: { readonly [L in LinkName]: LinkPort } = {
  login: portOf("char-server", charToLogin, { server: "beta", username: "beta" }, hold, announce),
  char: portOf("map-server", mapToChar, { server: "map-9", username: "alpha" }, announce, hold),
};

export const prove = encode(charToLogin, {
  type: "link.prove",
  proof: new Uint8Array(32).fill(0xa5),
  cookie: null,
});
const leave = encode(charToLogin, { type: "link.leave" });

export interface LinkOffence {
  readonly what: string;
  /** Returns the frames in the order in which they are sent. */
  readonly frames: (port: LinkPort) => readonly Uint8Array[];
  /** Matches the reason in the log. */
  readonly why: RegExp;
}

const ask = (...bodies: readonly Uint8Array[]): Uint8Array[] =>
  bodies.map((body, index) => encodeFrame("request", index + 1, body));
const nonsense = (what: string): RegExp => new RegExp(`^sent nonsense: ${what}$`);

/** For each of these offences of an unknown peer, the server ends the connection. */
export const linkOffences: readonly LinkOffence[] = [
  {
    what: "announces a frame that is too long",
    frames: () => [Uint8Array.of(0, 0x20, 0, 0)],
    why: nonsense("frame: longer than allowed"),
  },
  {
    what: "sends a frame of an unknown kind",
    frames: ({ hello }) => [encodeFrame("request", 1, hello).with(4, 6)],
    why: nonsense("frame: unknown kind"),
  },
  {
    what: "sends a hello that ends too early",
    frames: ({ hello }) => ask(hello.slice(0, -1)),
    why: nonsense("ends too early"),
  },
  {
    what: "sends a hello with a nonce that is too short",
    frames: ({ hello }) => ask(new Uint8Array(packList(unpackList(hello).with(5, new Uint8Array(31))))),
    why: nonsense("link.hello.nonce: expected 32 to 32 bytes"),
  },
  {
    what: "sends a hello with a number as its name",
    frames: ({ hello }) => ask(new Uint8Array(packList(unpackList(hello).with(3, 7)))),
    why: nonsense("link.hello.server: expected text"),
  },
  {
    what: "sends its hello as a notice",
    frames: ({ hello }) => [encodeFrame("notice", 0, hello)],
    why: nonsense("link.hello: a request sent as a notice"),
  },
  {
    what: "sends an unknown request",
    frames: () => ask(new Uint8Array(packList([0x7fff, 0]))),
    why: nonsense("unknown message"),
  },
  {
    what: "sends a request of the other tier",
    frames: ({ foreign }) => ask(foreign),
    why: nonsense("unknown message"),
  },
  {
    what: "sends a request before the handshake is done",
    frames: ({ hello, request }) => ask(hello, request),
    why: /^sent nonsense: \S+: sent before the handshake was done$/,
  },
  {
    what: "proves a password before its hello",
    frames: () => ask(prove),
    why: nonsense("link.prove: out of order"),
  },
  {
    what: "leaves before it is admitted",
    frames: () => ask(leave),
    why: nonsense("link.leave: .+"),
  },
  {
    what: "sends two hellos",
    frames: ({ hello }) => ask(hello, hello),
    why: nonsense("link.hello: said twice"),
  },
  {
    what: "guesses the password twice",
    frames: ({ hello }) => ask(hello, prove, prove),
    why: /^(wrong-username-or-password|sent nonsense: link.prove: out of order)$/,
  },
  {
    what: "answers a request that was never sent",
    frames: ({ hello }) => [encodeFrame("reply", 1, hello)],
    why: nonsense("an answer to no request"),
  },
  {
    what: "sends ten thousand hellos without waiting for an answer",
    frames: ({ hello }) => [Buffer.concat(ask(...new Array<Uint8Array>(10_000).fill(hello)))],
    why: /^sent nonsense: (link.hello: said twice|more bytes than allowed before the handshake is done)$/,
  },
];
