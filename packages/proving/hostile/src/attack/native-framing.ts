import { charToLogin, clusterProtocolVersion } from "@sallyport/cluster-protocol";
import { charDoorMessages, helloFrame, loginDoorMessages, mapDoorMessages } from "@sallyport/dialects/native";
import type { Random } from "@sallyport/random";
import { encodeFrame, MessageCodec, type MessageTable } from "@sallyport/wire";
import type { Field, Target } from "./attack.ts";
import { frameHeader, junk, upgradeRequest, webSocketFrame } from "./bytes.ts";
import { type Framing, plain } from "./framing.ts";

export type Message = { readonly type: string } & Record<string, unknown>;

const anyMessage = (table: MessageTable): { encode(message: Message, ttlMs: number): Uint8Array } =>
  new MessageCodec(table) as unknown as { encode(message: Message, ttlMs: number): Uint8Array };
const codecs = {
  login: anyMessage(loginDoorMessages),
  char: anyMessage(charDoorMessages),
  map: anyMessage(mapDoorMessages),
  link: anyMessage(charToLogin),
};
const ttlMs = 20_000;
const ping = encodeFrame("ping", 0);
const pings = Buffer.alloc(ping.length * 5_000, ping);
/** A server accepts this many bytes of pings before the first request. */
const slowBytesMax = 4_000;

export function encodeRequest(target: Target, requestId: number, message: Message): Uint8Array {
  const codec = codecs[codecOf(target)];
  return encodeFrame("request", requestId, codec.encode(message, ttlMs));
}

function codecOf({ kind, tier, server }: Target): keyof typeof codecs {
  if (kind === "link") return "link";
  if (tier === "front" || tier === "resource") throw new Error(`${server} has no native port`);
  return tier;
}

export const id = (random: Random): number => random.whole(1, 0x7fff_ffff);

/** Returns a request of a client that is not logged in. The door accepts the request. */
function strangersRequest(target: Target, { random, marker }: Field): Message {
  const [accountId, charId, loginId1, loginId2] = [id(random), id(random), id(random), id(random)];
  switch (codecOf(target)) {
    case "link": {
      const hello = { version: clusterProtocolVersion, server: "alpha", username: marker.slice(0, 64) };
      return { type: "link.hello", ...hello, nonce: junk(random, 32) };
    }
    case "login":
      return { type: "login.salt", name: `${marker}_${random.whole(0, 9_999)}` };
    case "char":
      return { type: "char.enter", accountId, loginId1, loginId2, sex: "female" };
    case "map":
      return { type: "map.enter", accountId, charId, loginId1, sex: "female" };
  }
}

/** The inter-server protocol. It has the frames of the native protocol. */
export const linkFraming: Framing = {
  ...plain,
  message: (target, field, nth) => encodeRequest(target, nth + 1, strangersRequest(target, field)),
  idle: pings,
  slow: () => pings.subarray(0, slowBytesMax),
  lying: (claimed, content) => Buffer.concat([frameHeader(claimed), content]),
};

export const nativeFraming: Framing = { ...linkFraming, opening: () => helloFrame() };

export const webSocketFraming: Framing = {
  ...linkFraming,
  opening: (target) => Buffer.concat([Buffer.from(upgradeRequest(target)), webSocketFrame(helloFrame())]),
  slow: (target) => Buffer.from(upgradeRequest(target)),
  carried: (bytes) => webSocketFrame(bytes),
};
