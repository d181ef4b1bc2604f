import { interServerLimits } from "@sallyport/link";
import { arbitraryMessage, arbitraryReply, largestMessage, largestReply } from "@sallyport/testkit";
import { frameOverheadBytes, isRequestRow, MessageCodec, type MessageTable } from "@sallyport/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { charToLogin, charToMap, loginToChar, mapToChar } from "../src/index.ts";

const tables: readonly (readonly [string, MessageTable])[] = [
  ["charToLogin", charToLogin],
  ["loginToChar", loginToChar],
  ["mapToChar", mapToChar],
  ["charToMap", charToMap],
];

describe.each(tables)("%s", (_name, table) => {
  const codec = new MessageCodec(table);
  const requests = Object.entries(table).filter(([, row]) => isRequestRow(row));

  test("every message arrives as it was sent", () => {
    fc.assert(
      fc.property(arbitraryMessage(table), fc.nat(60_000), (message, ttlMs) => {
        const { row, ...arrived } = codec.decode(codec.encode(message, ttlMs));
        expect(arrived).toEqual({ message, ttlMs });
        expect(row).toBe(table[message.type]);
      }),
    );
  });

  test.each(requests.map(([name]) => name))("every reply to %s arrives as it was sent", (name) => {
    fc.assert(
      fc.property(arbitraryReply(table, name as never), (reply) => {
        expect(codec.decodeReply(name as never, codec.encodeReply(name as never, reply as never))).toEqual(
          reply,
        );
      }),
    );
  });

  test("the largest of each still fits a frame", () => {
    for (const [name, row] of Object.entries(table)) {
      const bodies = [codec.encode(largestMessage(table, name), 0xffff_ffff)];
      if (isRequestRow(row))
        bodies.push(codec.encodeReply(name as never, largestReply(table, name as never) as never));
      for (const body of bodies) {
        expect(body.length + frameOverheadBytes).toBeLessThanOrEqual(interServerLimits.sendBytesMax);
      }
    }
  });
});
