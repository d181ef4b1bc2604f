import type { Dialect } from "@sallyport/dialects";
import {
  clientPacketBytesMax,
  fromMapClient,
  PacketIndex,
  PacketReader,
  passedOverAtMap,
  ragnarokDialects,
} from "@sallyport/dialects/ragnarok";
import type { DoorVocabulary } from "@sallyport/domain";
import fc from "fast-check";
import { arbitraryPacket } from "../../../../dialects/test/ragnarok-arbitrary.ts";
import { ragnarokDoors } from "../../../../dialects/test/ragnarok-bytes.ts";
import type { Decoder } from "./decoder.ts";
import type { ListedDialect } from "./dialect-decoders.ts";
import { outOfOrder } from "./spoil.ts";
import { anyStream, streamDecoder } from "./stream.ts";

const packetVer = 20100105;
const packetsMax = 12;

const dialects = ragnarokDialects({
  packetVer,
  isoIn: () => "2010-01-05T00:00:00.000Z",
  isoAt: () => "2010-01-05T00:00:00.000Z",
  randomBytes: (count) => new Uint8Array(count),
});

const conversationAt = (door: (typeof ragnarokDoors)[number]): fc.Arbitrary<Uint8Array[]> =>
  outOfOrder(fc.array(arbitraryPacket(door, packetVer), { maxLength: packetsMax }));

export const ragnarokDoorsListed: readonly ListedDialect[] = ragnarokDoors.map((door) => ({
  name: `ragnarok ${door.name}`,
  dialect: dialects[door.name] as unknown as Dialect<DoorVocabulary>,
  conversation: conversationAt(door),
}));

const [, , mapDoor] = ragnarokDoors;

export const ragnarokPackets: Decoder = streamDecoder({
  name: "ragnarok packets",
  bytes: anyStream(conversationAt(mapDoor)),
  open: () => {
    const reader = new PacketReader(new PacketIndex(fromMapClient, passedOverAtMap, packetVer));
    const notes: string[] = [];
    return {
      receive(chunk) {
        const { packets, passedOver } = reader.push(chunk);
        if (reader.heldBytes >= clientPacketBytesMax) throw new Error(`holds ${reader.heldBytes} bytes`);
        notes.push(...passedOver);
        return packets;
      },
      said: () => [new TextEncoder().encode(notes.join())],
    };
  },
});
