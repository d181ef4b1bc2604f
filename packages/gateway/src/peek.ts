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

/** The meaning of the first bytes of a connection: an account, no account, or not enough bytes yet. */
export type Peeked = { readonly accountId: number | null } | "needs more";

/**
 * Continues to read the bytes of one connection. It gets each chunk once, so a client that sends one byte at
 * a time costs no more than the same bytes at once. Throws `WireError` on nonsense.
 */
export type PeekOn = (chunk: Uint8Array) => Peeked;

/** Starts for each connection. */
export type Peek = () => PeekOn;

/**
 * The account must be shown within this many bytes. It is the longest frame that servers accept from native
 * clients.
 */
export const peekBytesMax = 4_096;

const atMap = new MessageCodec(mapDoorMessages);

/**
 * Any map-server can answer requests that come before the ids. It can also answer a request before the hello:
 * the client may use another version, which cannot be read here.
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

/** Packets before CZ_ENTER belong to no server: map-servers skip them too. */
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

/** Always a copy. */
export function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** If all servers are equal, a client is joined to one as soon as it sends a byte. */
const peekNothing: Peek = () => (chunk) => (chunk.length === 0 ? "needs more" : { accountId: null });

/** Picks the function for a door; `atMap` fits its dialect. */
export const peekAt = (door: "login" | "char" | "map", atMap: Peek): Peek =>
  door === "map" ? atMap : peekNothing;
