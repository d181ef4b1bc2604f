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

/** What the first bytes of a connection say: an account, none as far as that can be told, or nothing yet. */
export type Peeked = { readonly accountId: number | null } | "needs more";

/**
 * Reads on in what one connection says, given each chunk once: whoever sends a byte at a time costs no more for it than
 * the bytes. Throws `WireError` where they are nonsense.
 */
export type PeekOn = (chunk: Uint8Array) => Peeked;

/** Begins with a connection. */
export type Peek = () => PeekOn;

/** Within so many bytes the account has to be shown. The longest frame that servers take of native clients. */
export const peekBytesMax = 4_096;

const atMap = new MessageCodec(mapDoorMessages);

/**
 * What comes before the ids is answered by whichever map-server it is led to, and so is a request before anything else: the
 * client may speak another version, of which nothing can be read here.
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

/** Packets before CZ_ENTER are for nobody: map-servers pass them over, too. */
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

/** A copy in any case. */
export function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Where all servers are alike, who says anything at all may come in. */
const peekNothing: Peek = () => (chunk) => (chunk.length === 0 ? "needs more" : { accountId: null });

/** By the door's dialect. */
export const peekAt = (door: "login" | "char" | "map", atMap: Peek): Peek =>
  door === "map" ? atMap : peekNothing;
