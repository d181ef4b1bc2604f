import { mapDoorMessages } from "@sallyport/dialects/native";
import {
  cutPacket,
  fromMapClient,
  PacketIndex,
  type PacketVer,
  passedOverAtMap,
  readPacket,
} from "@sallyport/dialects/ragnarok";
import { FrameSplitter, MessageCodec } from "@sallyport/wire";

/** What the first bytes of a connection say: an account, none as far as that can be told, or nothing yet. */
export type Peeked = { readonly accountId: number | null } | "needs more";

/** Pure: given all bytes since the first. Throws `WireError` where they are nonsense. */
export type Peek = (bytes: Uint8Array) => Peeked;

/** Within so many bytes the account has to be shown. The longest frame that servers take of native clients. */
export const peekBytesMax = 4_096;

const atMap = new MessageCodec(mapDoorMessages);

/** What comes before the ids is answered by whichever map-server it is led to. */
export const peekNative: Peek = (bytes) => {
  for (const { kind, body } of new FrameSplitter(peekBytesMax).push(bytes)) {
    if (kind !== "request") continue;
    const { message } = atMap.decode(body);
    return { accountId: message.type === "map.enter" ? message.accountId : null };
  }
  return "needs more";
};

/** Packets before CZ_ENTER are for nobody: map-servers pass them over, too. */
export function peekRagnarok(packetVer: PacketVer): Peek {
  const index = new PacketIndex(fromMapClient, passedOverAtMap, packetVer);
  return (bytes) => {
    let [at, last] = [0, "the beginning"];
    for (;;) {
      const cut = cutPacket(index, bytes.subarray(at), last);
      if (cut === null) return "needs more";
      const { type, version, length } = cut;
      if (type === "CZ_ENTER") {
        const { accountId } = readPacket(type, version, bytes.subarray(at, at + length)) as Entering;
        return { accountId };
      }
      at += length;
      last = type;
    }
  };
}

type Entering = { readonly accountId: number };

/** Where all servers are alike, who says anything at all may come in. */
const peekNothing: Peek = (bytes) => (bytes.length === 0 ? "needs more" : { accountId: null });

/** By the door's dialect. */
export const peekAt = (door: "login" | "char" | "map", atMap: Peek): Peek =>
  door === "map" ? atMap : peekNothing;
