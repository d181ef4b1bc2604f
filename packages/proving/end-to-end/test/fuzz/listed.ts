import { charToLogin, charToMap, handshake, loginToChar, mapToChar } from "@sallyport/cluster-protocol";
import type { Dialect } from "@sallyport/dialects";
import {
  charDoorEvents,
  charDoorMessages,
  helloFrame,
  loginDoorEvents,
  loginDoorMessages,
  mapDoorEvents,
  mapDoorMessages,
  nativeCharDoor,
  nativeClientLimits,
  nativeLoginDoor,
  nativeMapDoor,
} from "@sallyport/dialects/native";
import type { DoorVocabulary } from "@sallyport/domain";
import type { MessageTable } from "@sallyport/wire";
import fc from "fast-check";
import { aSeriesListed } from "./a-series-decoders.ts";
import { byteDecoders } from "./byte-decoders.ts";
import type { Decoder } from "./decoder.ts";
import { clientDoorDecoder, dialectDecoder, type ListedDialect } from "./dialect-decoders.ts";
import { frontProtocolsListed } from "./front-decoders.ts";
import { gatewayDecoders } from "./gateway-decoders.ts";
import { identityDecoders } from "./identity-decoders.ts";
import { linkDecoders } from "./link-decoders.ts";
import { mapDecoders } from "./map-decoders.ts";
import { anyConversation } from "./message-bytes.ts";
import { proofDecoders } from "./proof-decoders.ts";
import { ragnarokDoorsListed, ragnarokPackets } from "./ragnarok-decoders.ts";
import { resourceListed } from "./resource-decoders.ts";
import { type End, peerDecoder, tableDecoder } from "./table-decoders.ts";
import { textDecoders } from "./text-decoders.ts";
import { tokenListed } from "./token-decoders.ts";

/* All targets of fuzzing. If you add a table, an end of a link or a dialect, list it here. */

export const listedTables: { readonly [name: string]: MessageTable } = {
  "native login commands": loginDoorMessages,
  "native login events": loginDoorEvents,
  "native char commands": charDoorMessages,
  "native char events": charDoorEvents,
  "native map commands": mapDoorMessages,
  "native map events": mapDoorEvents,
  handshake,
  "char to login": charToLogin,
  "login to char": loginToChar,
  "map to char": mapToChar,
  "char to map": charToMap,
};

/** The ends of links. Each has the table of the messages that it sends. */
const ends: readonly End[] = [
  {
    name: "native login client",
    sends: loginDoorMessages,
    receives: loginDoorEvents,
    limits: nativeClientLimits,
  },
  {
    name: "native char client",
    sends: charDoorMessages,
    receives: charDoorEvents,
    limits: nativeClientLimits,
  },
  { name: "native map client", sends: mapDoorMessages, receives: mapDoorEvents, limits: nativeClientLimits },
  { name: "char at login", sends: charToLogin, receives: loginToChar },
  { name: "login at char", sends: loginToChar, receives: charToLogin },
  { name: "map at char", sends: mapToChar, receives: charToMap },
  { name: "char at map", sends: charToMap, receives: mapToChar },
];

/** Almost every conversation starts with a hello, because no door carries out a command before it. */
const afterHello = (receives: MessageTable): fc.Arbitrary<Uint8Array[]> =>
  fc
    .tuple(fc.constantFrom(true, true, true, false), anyConversation({ receives }))
    .map(([isIntroduced, frames]) => (isIntroduced ? [helloFrame(), ...frames] : frames));

const door = (name: string, dialect: unknown, conversation: fc.Arbitrary<Uint8Array[]>): ListedDialect => ({
  name,
  dialect: dialect as Dialect<DoorVocabulary>,
  conversation,
});

export const listedDialects: readonly ListedDialect[] = [
  door("native login", nativeLoginDoor, afterHello(loginDoorMessages)),
  door("native char", nativeCharDoor, afterHello(charDoorMessages)),
  door("native map", nativeMapDoor, afterHello(mapDoorMessages)),
  ...ragnarokDoorsListed,
  aSeriesListed,
  tokenListed,
  ...frontProtocolsListed,
  resourceListed,
];

export const decoders: readonly Decoder[] = [
  ...byteDecoders,
  ...Object.entries(listedTables).map(([name, table]) => tableDecoder(name, table)),
  ...ends.map(peerDecoder),
  ...linkDecoders,
  ...listedDialects.flatMap((each) => [dialectDecoder(each), clientDoorDecoder(each)]),
  ragnarokPackets,
  ...gatewayDecoders,
  ...proofDecoders,
  ...identityDecoders,
  ...textDecoders,
  ...mapDecoders,
];
