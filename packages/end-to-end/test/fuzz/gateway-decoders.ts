import { mapDoorMessages } from "@sallyport/dialects/native";
import { type Peek, peekNative, peekRagnarok } from "@sallyport/gateway";
import { encodeProxyHeader, parseProxyHeader, proxyHeaderRest, proxyPrefixBytes } from "@sallyport/link";
import fc from "fast-check";
import type { Decoder } from "./decoder.ts";
import { anyConversation } from "./message-bytes.ts";
import { ragnarokDoorsListed } from "./ragnarok-decoders.ts";
import { joined } from "./spoil.ts";
import { anyStream, streamDecoder } from "./stream.ts";

/* What a gateway reads before it passes bytes on, and what a server reads of a proxy. */

/** However the first bytes are cut, the same account is shown, and what follows changes nothing. */
const peekDecoder = (name: string, peek: Peek, conversation: fc.Arbitrary<Uint8Array[]>): Decoder =>
  streamDecoder({
    name: `peek ${name}`,
    bytes: anyStream(conversation),
    open: () => {
      const peekOn = peek();
      let isDecided = false;
      return {
        receive(chunk) {
          if (isDecided) return [];
          const peeked = peekOn(chunk);
          isDecided = peeked !== "needs more";
          return isDecided ? [peeked] : [];
        },
        said: () => [],
      };
    },
  });

const endpoint = fc.record({ host: fc.oneof(fc.ipV4(), fc.ipV6()), port: fc.nat(0xffff) });
const header = fc.record({ source: endpoint, destination: endpoint }).map(encodeProxyHeader);

const proxyHeader: Decoder = streamDecoder({
  name: "proxy header",
  bytes: anyStream(header.map((bytes) => [bytes])),
  open: () => {
    let held: Uint8Array = new Uint8Array(0);
    let isRead = false;
    return {
      receive(chunk) {
        if (isRead) return [];
        held = joined([held, chunk]);
        if (held.length < proxyPrefixBytes) return [];
        const prefix = held.subarray(0, proxyPrefixBytes);
        const end = proxyPrefixBytes + proxyHeaderRest(prefix);
        if (held.length < end) return [];
        isRead = true;
        const told = parseProxyHeader(prefix, held.subarray(proxyPrefixBytes, end));
        if (told !== null) encodeProxyHeader(told);
        return [told];
      },
      said: () => [],
    };
  },
});

const ragnarokMap = ragnarokDoorsListed.find(({ name }) => name === "ragnarok map")?.conversation;

export const gatewayDecoders: readonly Decoder[] = [
  peekDecoder("native", peekNative, anyConversation({ receives: mapDoorMessages })),
  ...(ragnarokMap === undefined ? [] : [peekDecoder("ragnarok", peekRagnarok(20100105), ragnarokMap)]),
  proxyHeader,
];
