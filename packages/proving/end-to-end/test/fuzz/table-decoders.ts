import { isDeepStrictEqual } from "node:util";
import { interServerHeartbeat, interServerLimits, Peer, type PeerLimits } from "@sallyport/link";
import { largestMessage } from "@sallyport/testkit";
import { MessageCodec, type MessageTable, WireError } from "@sallyport/wire";
import fc from "fast-check";
import { type Decoder, judge } from "./decoder.ts";
import { anyBody, anyConversation, anyRefusalBody, anyReplyBody, requestNames } from "./message-bytes.ts";
import { anyStream, streamDecoder } from "./stream.ts";

/** Decodes the messages of a table, and the replies and refusals of its requests. */
export function tableDecoder(name: string, table: MessageTable): Decoder {
  const codec = new MessageCodec(table);
  const answers = requestNames(table).flatMap((request) => [
    anyReplyBody(table, request).map((body) => ({ read: "reply" as const, request, body })),
    anyRefusalBody(table, request).map((body) => ({ read: "refusal" as const, request, body })),
  ]);
  const messages = anyBody(table).map((body) => ({ read: "message" as const, request: "", body }));
  const readers = {
    message: (body: Uint8Array) => {
      const { message, ttlMs } = codec.decode(body);
      return { value: { ...message, ttlMs }, bytes: codec.encode(message, ttlMs) };
    },
    reply: (body: Uint8Array, request: string) => {
      const value = codec.decodeReply(request, body);
      return { value, bytes: codec.encodeReply(request, value) };
    },
    refusal: (body: Uint8Array, request: string) => {
      const value = codec.decodeRefusal(request, body);
      return { value, bytes: codec.encodeRefusal(value) };
    },
  };
  return {
    name: `table ${name}`,
    property: (tally) =>
      fc.property(fc.oneof(messages, messages, ...answers), ({ read, request, body }) => {
        const verdict = judge(tally, WireError, body.length, () => readers[read](body, request));
        if (!verdict.taken) return;
        const again = readers[read](verdict.value.bytes, request).value;
        if (!isDeepStrictEqual(again, verdict.value.value))
          throw new Error("encoded again, it means something else");
      }),
  };
}

/** One end of a link, with the messages that it may receive. */
export interface End {
  readonly name: string;
  readonly sends: MessageTable;
  readonly receives: MessageTable;
  readonly limits?: PeerLimits;
}

/** Limits so low that the input can exceed them. */
const clusterLimits: PeerLimits = { ...interServerLimits, requestsHeldMax: 6 };

export function peerDecoder({ name, sends, receives, limits = clusterLimits }: End): Decoder {
  const names = requestNames(sends).slice(0, 4);
  const codecs = [new MessageCodec(sends), new MessageCodec(receives)] as const;
  return streamDecoder({
    name: `peer ${name}`,
    bytes: anyStream(anyConversation({ receives, asked: { of: sends, names } })),
    open: () => {
      const options = { limits, heartbeat: interServerHeartbeat };
      const peer = new Peer<MessageTable, MessageTable>(...codecs, options, 0);
      for (const each of names) peer.request(largestMessage(sends, each) as never, 0, 60_000);
      peer.takeOutput();
      return { receive: (chunk) => peer.receive(chunk, 0), said: () => peer.takeOutput() };
    },
  });
}
