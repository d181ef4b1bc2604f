import { generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import {
  about,
  countSetting,
  optionalPortSetting,
  optionalTextSetting,
  portTlsSetting,
  textSetting,
} from "@sallyport/server-kit";
import { go, type Protocol } from "../../protocol.ts";
import { protocolFolder } from "../../settings.ts";
import { ChatCodec, type ChatSaid, type ChatTold } from "./frames.ts";
import type { ChatState } from "./state.ts";
import { type ChatRules, chatTable } from "./table.ts";

const usualPort = 8_080;

export interface ChatOptions extends Omit<ChatRules, "publicKey"> {
  readonly keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  /** How long the client may take for each of its name, its password and its key, in milliseconds. */
  readonly credentialMs: number;
  readonly clientsMax: number;
}

/** The chat protocol of SERVER_LIB. */
export function chatProtocol({
  keys,
  credentialMs,
  clientsMax,
  ...rules
}: ChatOptions): Protocol<ChatState, ChatSaid, ChatTold> {
  const publicKey = keys.publicKey.export({ type: "spki", format: "pem" }).toString();
  return {
    name: "chat",
    secondLogin: "takeover",
    // A program that pipes its lines in ends its half of the connection, maybe before it is in the room.
    afterLastByte: "is-heard",
    messages: { plain: true, secure: true },
    codec: () => new ChatCodec(keys.privateKey),
    begin: go({ at: "name", failures: 0, known: [] }),
    table: chatTable({ ...rules, publicKey }),
    withinMs: { name: credentialMs, password: credentialMs, key: credentialMs },
    clientsMax,
  };
}

/** A new pair, as the seed makes one at each start: RSA of 2048 bits with the exponent 65537. */
export const chatKeys = (): Promise<ChatOptions["keys"]> =>
  promisify(generateKeyPair)("rsa", { modulusLength: 2_048, publicExponent: 0x1_0001 });

const greetingFor = (disconnect: string): string =>
  `\tThis is the chat room. All who are in it hear you.\n\tBe respectful. Type ${disconnect} to leave.`;

const settings = about("front", {
  port: optionalPortSetting(
    "CHAT_PORT",
    `Port of the front for clients of the chat protocol of SERVER_LIB, usually ${usualPort}. 0 picks a free port; empty opens none.`,
    "FRONT_HOST",
  ),
  tls: portTlsSetting("CHAT_TLS", "CHAT_PORT"),
  room: textSetting(
    "CHAT_ROOM",
    "Name of the map in which chat clients meet. Its map file has to say `room: open`.",
    {
      fallback: "tavern",
    },
  ),
  world: optionalTextSetting(
    "CHAT_WORLD",
    "Name of the world of CHAT_ROOM. If this setting is empty, the first world by its name is used.",
  ),
  greeting: optionalTextSetting(
    "CHAT_GREETING",
    "What a chat client reads after its welcome. \\n begins a new line, and \\t is a tab. If this setting is empty, it is two lines about the room and CHAT_DISCONNECT.",
  ),
  disconnect: textSetting("CHAT_DISCONNECT", "Word by which a chat client leaves.", {
    fallback: "disconnect",
    pattern: /^\S(?:.*\S)?$/,
    expected: "a word without white space around it",
  }),
  credentialMs: countSetting(
    "CHAT_CREDENTIAL_MS",
    "Milliseconds in which a chat client has to send each of its name, its password and its key. Then the front disconnects it.",
    10_000,
    100,
    600_000,
  ),
  clientsMax: countSetting(
    "CHAT_CLIENTS_MAX",
    "Maximum number of open connections of chat clients. The front closes further ones.",
    1_000,
    1,
    1_000_000,
  ),
});

export const chatFolder = protocolFolder({
  name: "chat",
  usualPort,
  tryWith: ({ host, port }, isSecure) =>
    `npm run chat -- --host ${host} --port ${port}${isSecure ? " --tls" : ""}`,
  settings,
  rooms: ({ room }) => [{ variable: "CHAT_ROOM", map: room }],
  async serve({ room, world, greeting, disconnect, credentialMs, clientsMax }, front, at) {
    const lines = greeting?.replaceAll("\\n", "\n").replaceAll("\\t", "\t") ?? greetingFor(disconnect);
    const keys = await chatKeys();
    const options = { room, world, greeting: lines, disconnect, credentialMs, clientsMax, keys };
    return front.serve(chatProtocol(options), at);
  },
});
