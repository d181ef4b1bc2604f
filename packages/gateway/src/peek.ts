import { isNativeVersion, mapDoorMessages } from "@sallyport/dialects/native";
import {
  cutPacket,
  fromMapClient,
  PacketIndex,
  passedOverAtMap,
  readPacket,
  servedPacketVer,
} from "@sallyport/dialects/ragnarok";
import { FrameSplitter, MessageCodec } from "@sallyport/wire";

/** The gateway found one of three things in the first bytes: an account, no account, or too few bytes. */
export type Peeked = { readonly accountId: number | null } | "needs more";

/**
 * Reads the next chunk of one connection. Each chunk is passed only once. So a client that sends single bytes
 * causes little more work than a client that sends all its bytes together. Throws `WireError` if the bytes
 * break the protocol.
 */
export type PeekOn = (chunk: Uint8Array) => Peeked;

/** Creates the reader for one new connection. */
export type Peek = () => PeekOn;

/** A client must show its account within this number of bytes. Only commands of a game are longer. */
export const peekBytesMax = 4_096;

const atMap = new MessageCodec(mapDoorMessages);

/**
 * `map.enter` shows the account. If another request comes first, any map-server can answer it. The gateway
 * does not decode a request before `client.hello`, because such a request can belong to another version of
 * the protocol.
 */
export const peekNative: Peek = () => {
  const splitter = new FrameSplitter(peekBytesMax);
  let hasMet = false;
  return (chunk) => {
    for (const { kind, body } of splitter.push(chunk)) {
      if (kind === "request" && !hasMet) return { accountId: null };
      if (kind !== "request" && kind !== "notice") continue;
      const { message } = atMap.decode(body);
      if (message.type === "client.hello") {
        hasMet = true;
        if (isNativeVersion(message.version)) continue;
        return { accountId: null };
      }
      return { accountId: message.type === "map.enter" ? message.accountId : null };
    }
    return "needs more";
  };
};

/** Skips all packets before CZ_ENTER, as map-servers do. */
export function peekRagnarok(packetVer: number): Peek {
  const index = new PacketIndex(fromMapClient, passedOverAtMap, servedPacketVer(packetVer));
  return () => {
    let [unread, last] = [new Uint8Array(0), "the beginning"];
    return (chunk) => {
      const bytes = joined(unread, chunk);
      let at = 0;
      for (;;) {
        const cut = cutPacket(index, bytes.subarray(at), last);
        if (cut === null) {
          unread = bytes.slice(at);
          return "needs more";
        }
        const { type, version, length } = cut;
        if (type === "CZ_ENTER") {
          const { accountId } = readPacket(type, version, bytes.subarray(at, at + length)) as Entering;
          return { accountId };
        }
        at += length;
        last = type;
      }
    };
  };
}

type Entering = { readonly accountId: number };

/** Returns a copy even if `a` or `b` is empty. */
export function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Used for doors behind which all servers are equal. A client gets a server when its first byte arrives. */
const peekNothing: Peek = () => (chunk) => (chunk.length === 0 ? "needs more" : { accountId: null });

export const peekAt = (door: "login" | "char" | "map", atMap: Peek): Peek =>
  door === "map" ? atMap : peekNothing;
