import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  arbitraryMessage,
  arbitraryReply,
  largestMessage,
  largestReply,
} from "../../proving/testkit/src/arbitrary.ts";
import { detailCharsMax, MessageCodec, type MessageOf, WireError } from "../src/index.ts";
import { packList, unpackList } from "../src/message-pack.ts";
import { newerTable, olderTable, sampleTable } from "./sample-table.ts";

const codec = new MessageCodec(sampleTable);
const older = new MessageCodec(olderTable);
const newer = new MessageCodec(newerTable);

const arbitrarySample = arbitraryMessage(sampleTable);
const arbitraryTtlMs = fc.oneof(fc.nat(0xffff_ffff), fc.constantFrom(0, 0xffff_ffff));

describe("a message", () => {
  test("of any kind comes back unchanged, with its time to live", () => {
    fc.assert(
      fc.property(arbitrarySample, arbitraryTtlMs, (message, ttlMs) => {
        const decoded = codec.decode(codec.encode(message, ttlMs));
        expect(decoded).toEqual({ message, ttlMs, row: sampleTable[message.type] });
      }),
    );
  });

  test("of the largest size comes back unchanged", () => {
    for (const name of ["sample.everything", "sample.nothing", "sample.notice"] as const) {
      const message = largestMessage(sampleTable, name);
      expect(codec.decode(codec.encode(message, 0)).message).toEqual(message);
    }
    const reply = largestReply(sampleTable, "sample.everything");
    expect(codec.decodeReply("sample.everything", codec.encodeReply("sample.everything", reply))).toEqual(
      reply,
    );
  });

  test("has the time to live rounded up to the unit of the wire", () => {
    const ttlOf = (ttlMs: number): number =>
      codec.decode(codec.encode({ type: "sample.nothing" }, ttlMs)).ttlMs;
    expect([0.2, 1_000.5, -5, 1e12].map(ttlOf)).toEqual([1, 1_001, 0, 0xffff_ffff]);
  });

  test("cut short anywhere is refused", () => {
    fc.assert(
      fc.property(arbitrarySample, fc.nat(), (message, cut) => {
        const body = codec.encode(message, 5);
        expect(() => codec.decode(body.subarray(0, cut % body.length))).toThrow(WireError);
      }),
    );
  });

  test("with a byte too many is refused", () => {
    fc.assert(
      fc.property(arbitrarySample, fc.nat(0xff), (message, byte) => {
        const body = codec.encode(message, 5);
        expect(() => codec.decode(Uint8Array.from([...body, byte]))).toThrow(WireError);
      }),
    );
  });

  test.each([[[]], [[0x0003, 0]], [["sample.nothing", 0]], [[null, 0]], [[1.5, 0]], [[[2], 0]]])(
    "%j names no message",
    (packed) => {
      expect(() => codec.decode(packList(packed))).toThrow("unknown message");
    },
  );

  test.each([[[2]], [[2, -1]], [[2, 0x1_0000_0000]], [[2, 0.5]], [[2, "5"]], [[2, null]]])(
    "%j has no time to live",
    (packed) => {
      expect(() => codec.decode(packList(packed))).toThrow("sample.nothing: expected a time to live");
    },
  );

  test("that is not in the table cannot be sent", () => {
    for (const type of ["sample.other", "toString", "__proto__"]) {
      expect(() => codec.encode({ type } as never, 0)).toThrow("no message");
    }
  });
});

describe("junk", () => {
  const arbitraryJunk: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, false, -1, 0.5, Number.NaN, "__proto__", "constructor", "toString", ""),
      fc.string(),
      fc.maxSafeNat(),
      fc.uint8Array({ maxLength: 40 }),
      fc.array(tie("value"), { maxLength: 14 }),
    ),
  })).value;
  const arbitraryBody = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(arbitraryJunk, { maxLength: 16 }).map(packList),
    fc
      .tuple(fc.constantFrom(1, 2, 0xffff), fc.array(arbitraryJunk, { maxLength: 14 }))
      .map(([id, values]) => packList([id, 0, ...values])),
    // A valid message with one mistake gets further into the decoder than random bytes.
    fc.tuple(arbitrarySample, fc.nat(), arbitraryJunk).map(([message, place, junk]) => {
      const packed = unpackList(codec.encode(message, 0));
      packed[place % packed.length] = junk;
      return packList(packed);
    }),
    fc.tuple(arbitrarySample, fc.nat(), fc.nat(0xff)).map(([message, place, byte]) => {
      const body = new Uint8Array(codec.encode(message, 0));
      body[place % body.length] = byte;
      return body;
    }),
  );

  test("never throws anything but WireError, and accepted values have only the declared fields", () => {
    fc.assert(
      fc.property(arbitraryBody, (body) => {
        try {
          const { message, row } = codec.decode(body);
          expect(Object.keys(message).sort()).toEqual(["type", ...Object.keys(row.fields)].sort());
          // An accepted message is within every bound, so it can be sent again.
          expect(codec.decode(codec.encode(message, 0)).message).toEqual(message);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  test("for a reply or a refusal never throws anything but WireError", () => {
    fc.assert(
      fc.property(arbitraryBody, (body) => {
        for (const read of [
          () => codec.decodeReply("sample.everything", body),
          () => codec.decodeRefusal("sample.everything", body),
        ]) {
          try {
            read();
          } catch (error) {
            expect(error).toBeInstanceOf(WireError);
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test("changes no prototype", () => {
    const hostile = Uint8Array.from([
      ...[0x93, 2, 0, 0x81, 0xa9],
      ...new TextEncoder().encode("__proto__"),
      ...[0x81, 0xa8],
      ...new TextEncoder().encode("polluted"),
      0xc3,
    ]);
    expect(() => codec.decode(hostile)).toThrow(WireError);
    expect(() => codec.decode(packList([1, 0, ["__proto__", ["polluted", true]]]))).toThrow(WireError);
    const { message } = codec.decode(packList([2, 0, "__proto__", ["polluted"]]));
    expect(Object.getPrototypeOf(message)).toBe(Object.prototype);
    expect(message).toEqual({ type: "sample.nothing" });
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

describe("a reply", () => {
  test("of any kind comes back unchanged", () => {
    fc.assert(
      fc.property(arbitraryReply(sampleTable, "sample.everything"), (reply) => {
        const body = codec.encodeReply("sample.everything", reply);
        expect(codec.decodeReply("sample.everything", body)).toEqual(reply);
      }),
    );
  });

  test("that is not the declared one is refused, with the name of its request", () => {
    expect(() => codec.decodeReply("sample.everything", packList([-1, []]))).toThrow(
      "sample.everything reply.fence",
    );
  });
});

describe("a refusal", () => {
  test("comes back with the time to try again", () => {
    for (const retryAfterMs of [null, 0, 1_500, 0xffff_ffff, 0x1_0000_0000, Number.MAX_SAFE_INTEGER]) {
      const refusal = { refusal: "busy", retryAfterMs };
      expect(codec.decodeRefusal("sample.everything", codec.encodeRefusal(refusal))).toEqual(refusal);
    }
  });

  test("has the time to try again rounded up to the unit of the wire", () => {
    const body = codec.encodeRefusal({ refusal: "busy", retryAfterMs: 12.3 });
    expect(codec.decodeRefusal("sample.everything", body).retryAfterMs).toBe(13);
  });

  test("comes back with its detail, cut to what every receiver accepts", () => {
    const refusal = { refusal: "busy", retryAfterMs: null };
    const detailOf = (detail: string) =>
      codec.decodeRefusal("sample.everything", codec.encodeRefusal({ ...refusal, detail })).detail;
    expect(detailOf("chest: too small")).toBe("chest: too small");
    expect(detailOf("")).toBe("");
    expect(detailOf("語".repeat(detailCharsMax + 1))).toBe("語".repeat(detailCharsMax));
    expect(detailOf(`${"a".repeat(detailCharsMax - 1)}😀`)).toBe("a".repeat(detailCharsMax - 1));
    expect(codec.decodeRefusal("sample.everything", codec.encodeRefusal(refusal))).not.toHaveProperty(
      "detail",
    );
  });

  test("has no detail that is too long, or no text", () => {
    for (const detail of ["a".repeat(detailCharsMax + 1), 5, null, []]) {
      const body = packList(["busy", null, detail]);
      expect(() => codec.decodeRefusal("sample.everything", body)).toThrow("sample.everything detail");
    }
  });

  test("must be one that its request lists", () => {
    const decode = (name: "sample.everything" | "sample.nothing", packed: unknown[]) => () =>
      codec.decodeRefusal(name, packList(packed));
    expect(decode("sample.everything", ["broken", null])).toThrow(WireError);
    expect(decode("sample.nothing", ["busy", null])).toThrow(WireError);
    expect(decode("sample.everything", ["toString", null])).toThrow(WireError);
    expect(decode("sample.everything", [0, null])).toThrow(WireError);
  });

  test("has no time to try again that is too long for a timer", () => {
    for (const retryAfterMs of [-1, 0.5, 2 ** 53, 1e300, "5", [], false]) {
      const body = packList(["busy", retryAfterMs]);
      expect(() => codec.decodeRefusal("sample.everything", body)).toThrow("a malformed retry-after");
    }
  });
});

describe("when one end is newer than the other,", () => {
  test("the newer end understands the older one, with the fallbacks", () => {
    expect(newer.decode(older.encode({ type: "map.walk", x: 3 }, 0)).message).toEqual({
      type: "map.walk",
      x: 3,
      y: 7,
      running: false,
    } satisfies MessageOf<typeof newerTable>);
    const reply = older.encodeReply("map.walk", { steps: 4 });
    expect(newer.decodeReply("map.walk", reply)).toEqual({ steps: 4, stepMs: null });
  });

  test("the older end understands the newer one, and ignores added fields", () => {
    const message = { type: "map.walk", x: 3, y: 4, running: true } as const;
    expect(older.decode(newer.encode(message, 0)).message).toEqual({ type: "map.walk", x: 3 });
    const reply = newer.encodeReply("map.walk", { steps: 4, stepMs: 150 });
    expect(older.decodeReply("map.walk", reply)).toEqual({ steps: 4 });
  });
});
