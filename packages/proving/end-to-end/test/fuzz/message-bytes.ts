import { arbitraryMessage, arbitraryReply } from "@sallyport/testkit";
import {
  detailCharsMax,
  encodeFrame,
  frameKinds,
  isRequestRow,
  MessageCodec,
  type MessageTable,
} from "@sallyport/wire";
import fc from "fast-check";
import { packList, unpackList } from "../../../../wire/src/message-pack.ts";
import { anyPacked, outOfOrder, spoiledBytes, spoiledPacked } from "./spoil.ts";

/* Creates valid and invalid bodies and conversations from a message table. */

/** Returns valid bodies, and bodies that were valid and then were spoiled. */
function wrongToo(right: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const packed = right.map((body) => unpackList(body));
  const unpacked = fc.array(anyPacked, { maxLength: 10 });
  const pack = (values: unknown[]): Uint8Array => new Uint8Array(packList(values));
  return fc.oneof(
    { weight: 3, arbitrary: right },
    { weight: 4, arbitrary: spoiledPacked(packed).map(pack) },
    { weight: 3, arbitrary: spoiledBytes(right) },
    { weight: 1, arbitrary: unpacked.map(pack) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 80 }) },
  );
}

function rightBody(table: MessageTable): fc.Arbitrary<Uint8Array> {
  const codec = new MessageCodec(table);
  return fc
    .tuple(arbitraryMessage(table), fc.nat(60_000))
    .map(([message, ttlMs]) => new Uint8Array(codec.encode(message, ttlMs)));
}

/** Returns valid and invalid bodies. Some have the id of one message and the fields of another. */
export function anyBody(table: MessageTable): fc.Arbitrary<Uint8Array> {
  const ids = Object.values(table).map(({ id }) => id);
  const otherId = fc
    .tuple(rightBody(table), fc.constantFrom(...ids, 0, 0xffff))
    .map(([body, id]) => new Uint8Array(packList(unpackList(body).with(0, id))));
  return fc.oneof({ weight: 6, arbitrary: wrongToo(rightBody(table)) }, { weight: 1, arbitrary: otherId });
}

export const requestNames = (table: MessageTable): string[] =>
  Object.entries(table).flatMap(([name, row]) => (isRequestRow(row) ? [name] : []));

export function anyReplyBody(table: MessageTable, name: string): fc.Arbitrary<Uint8Array> {
  const codec = new MessageCodec(table);
  return wrongToo(
    arbitraryReply(table, name as never).map(
      (value) => new Uint8Array(codec.encodeReply(name, value as never)),
    ),
  );
}

export function anyRefusalBody(table: MessageTable, name: string): fc.Arbitrary<Uint8Array> {
  const codec = new MessageCodec(table);
  const words = [...(table[name]?.refusals ?? []), "unheard-of"];
  return wrongToo(
    fc
      .record(
        {
          refusal: fc.constantFrom(...words),
          retryAfterMs: fc.option(fc.nat(0xffff_ffff)),
          detail: fc.string({ maxLength: detailCharsMax + 1, unit: "grapheme" }),
        },
        { requiredKeys: ["refusal", "retryAfterMs"] },
      )
      .map((refusal) => new Uint8Array(codec.encodeRefusal(refusal))),
  );
}

export interface ConversationOf {
  /** The messages that the peer may send. */
  readonly receives: MessageTable;
  /** The requests that the peer received, with ids from 1. */
  readonly asked?: { readonly of: MessageTable; readonly names: readonly string[] };
}

/** A client may have fewer unanswered requests than this number. */
const floodMax = 40;

/** Returns frames of the peer, in order and out of order. */
export function anyConversation({ receives, asked }: ConversationOf): fc.Arbitrary<Uint8Array[]> {
  const right = Object.entries(receives).map(([name, row]) => {
    const body = rightBody({ [name]: row });
    return isRequestRow(row)
      ? fc
          .tuple(fc.integer({ min: 1, max: 12 }), body)
          .map(([id, each]) => [encodeFrame("request", id, each)])
      : body.map((each) => [encodeFrame("notice", 0, each)]);
  });
  const answers = (asked?.names ?? []).flatMap((name, index) => [
    anyReplyBody(asked?.of ?? {}, name).map((body) => [encodeFrame("reply", index + 1, body)]),
    anyRefusalBody(asked?.of ?? {}, name).map((body) => [encodeFrame("refusal", index + 1, body)]),
  ]);
  const wrong = fc
    .tuple(fc.constantFrom(...frameKinds), fc.nat(6), anyBody(receives))
    .map(([kind, id, body]) => [encodeFrame(kind, id, body)]);
  const pings = fc.constantFrom("ping" as const, "pong" as const).map((kind) => [encodeFrame(kind, 0)]);
  const flood = fc
    .tuple(rightBody(receives), fc.integer({ min: 1, max: floodMax }))
    .map(([body, count]) =>
      Array.from({ length: count }, (_, index) => encodeFrame("request", 13 + index, body)),
    );
  return outOfOrder(
    fc
      .array(
        fc.oneof(
          { weight: 8, arbitrary: fc.oneof(...right, ...answers) },
          { weight: 3, arbitrary: wrong },
          { weight: 1, arbitrary: pings },
          { weight: 1, arbitrary: flood },
        ),
        { maxLength: 8 },
      )
      .map((each) => each.flat()),
  );
}
