import { mapDoorMessages } from "@sallyport/dialects/native";
import { type Peek, peekNative, peekRagnarok } from "@sallyport/gateway";
import { encodeProxyHeader, readProxyHeader } from "@sallyport/link/addresses";
import { WireError } from "@sallyport/wire";
import fc from "fast-check";
import type { Decoder } from "./decoder.ts";
import { anyConversation } from "./message-bytes.ts";
import { ragnarokDoorsListed } from "./ragnarok-decoders.ts";
import { joined } from "./spoil.ts";
import { anyStream, streamDecoder } from "./stream.ts";

/*
 * These decoders read the bytes that a gateway reads before it passes bytes on, and the bytes that a server
 * reads from a proxy.
 */

/** A peek must find the same account however the first bytes are cut, and whatever follows them. */
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
const headerLine = fc
  .record({
    of: fc.constantFrom(["TCP4", fc.ipV4()] as const, ["TCP6", fc.ipV6()] as const),
    port: fc.nat(0xffff),
  })
  .chain(({ of: [family, host], port }) =>
    fc
      .tuple(host, host)
      .map(([from, to]) => Buffer.from(`PROXY ${family} ${from} ${to} ${port} ${port}\r\n`)),
  );

const proxyHeader: Decoder = streamDecoder({
  name: "proxy header",
  bytes: anyStream(fc.oneof(header, headerLine).map((bytes) => [bytes])),
  open: () => {
    let taken = 0;
    let held: Uint8Array = new Uint8Array(0);
    let isRead = false;
    return {
      receive(chunk) {
        if (isRead) return [];
        held = joined([held, chunk]);
        for (;;) {
          const read = readProxyHeader(held.subarray(0, taken));
          if (read.is === "part") {
            if (taken + read.missing > held.length) return [];
            taken += read.missing;
            continue;
          }
          isRead = true;
          if (read.is === "other") throw new WireError("proxy header", "none");
          if (read.told !== null) encodeProxyHeader(read.told);
          return [read.told];
        }
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
