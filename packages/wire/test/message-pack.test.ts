import fc from "fast-check";
import { Packr, Unpackr } from "msgpackr";
import { describe, expect, test } from "vitest";
import { WireError } from "../src/index.ts";
import { packList, unpackList } from "../src/message-pack.ts";

const reference = new Unpackr({ useRecords: false, mapsAsObjects: false, int64AsType: "number" });

const arbitraryValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeNat(),
    fc.integer(),
    fc.nat(300),
    fc.string({ unit: "binary", maxLength: 100 }),
    fc.constantFrom("\uFEFFmarked", "€".repeat(11_000), "x".repeat(70_000)),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie("value"), { maxLength: 20 }),
  ),
})).value;
const arbitraryList = fc.array(arbitraryValue, { maxLength: 20 });

function refused(...bytes: number[]): void {
  expect(() => unpackList(Uint8Array.from(bytes)), String(bytes)).toThrow(WireError);
}

/** Generates bytes that are valid tokens more often than random bytes are. */
const arbitraryTokens = fc
  .array(
    fc.oneof(
      fc.nat(0xff).map((byte) => [byte]),
      fc.constantFrom(
        [0x91],
        [0x92],
        [0x9f],
        [0xdc, 0, 2],
        [0xdd, 0, 0, 0, 3],
        [0xdd, 0xff, 0xff, 0xff, 0xff],
        [0xdf, 0xff, 0xff, 0xff, 0xff],
        [0xc6, 0xff, 0xff, 0xff, 0xff],
        [0xdb, 0xff, 0xff, 0xff, 0xff],
        [0xc9, 0xff, 0xff, 0xff, 0xff, 0x62],
        [0xd4, 0x72, 0x40],
        [0xd5, 0x72, 0x40, 0],
        [0xd6, 0x69, 0, 0, 0, 1],
        [0xd6, 0x70, 0, 0, 0, 1],
        [0xd6, 0x62, 0, 0, 0, 9],
        [0xc7, 0, 0x78],
        [0xc7, 0, 0x65],
        [0xa1, 0x61],
        [0xa3, 0xed, 0xa0, 0x80],
        [0xc4, 1, 0],
        [0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0],
      ),
    ),
    { maxLength: 60 },
  )
  .map((tokens) => Uint8Array.from([0x9f, ...tokens.flat()]));

test("packed values come back unchanged", () => {
  fc.assert(
    fc.property(arbitraryList, (values) => {
      expect(unpackList(new Uint8Array(packList(values)))).toEqual(values);
    }),
  );
});

test("reads the same values as another implementation", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        arbitraryList.map((values) => new Uint8Array(packList(values))),
        arbitraryTokens,
      ),
      (bytes) => {
        let read: unknown;
        try {
          read = unpackList(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
          return;
        }
        expect(read).toEqual(reference.unpack(bytes));
      },
    ),
    { numRuns: 2_000 },
  );
});

describe("numbers", () => {
  const packr = new Packr({ useRecords: false });

  test("are read from every width that another language may choose for them", () => {
    const one = [
      [1],
      [0xcc, 1],
      [0xcd, 0, 1],
      [0xce, 0, 0, 0, 1],
      [0xcf, 0, 0, 0, 0, 0, 0, 0, 1],
      [0xd0, 1],
      [0xd1, 0, 1],
      [0xd2, 0, 0, 0, 1],
      [0xd3, 0, 0, 0, 0, 0, 0, 0, 1],
      [0xca, 0x3f, 0x80, 0, 0],
      [0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0],
    ];
    for (const bytes of one) expect(unpackList(Uint8Array.from([0x91, ...bytes]))).toEqual([1]);
  });

  test("of 64 bits keep every bit that a double has", () => {
    const bytes = packr.pack([BigInt(Number.MAX_SAFE_INTEGER), -BigInt(Number.MAX_SAFE_INTEGER)]);
    expect(unpackList(bytes)).toEqual([Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER]);
  });

  test("have one zero", () => {
    expect(unpackList(packr.pack([-0]))).toEqual([0]);
  });
});

describe("the reader refuses", () => {
  test("a value that ends too early, at any cut", () => {
    fc.assert(
      fc.property(arbitraryList, fc.nat(), (values, cut) => {
        const bytes = packList(values);
        expect(() => unpackList(bytes.subarray(0, cut % bytes.length))).toThrow(WireError);
      }),
    );
  });

  test("a value with bytes after it", () => {
    refused(0x90, 0x00);
    refused(0x91, 0x01, 0xc0);
  });

  test("a value that is no list", () => {
    refused();
    refused(0x01);
    refused(0xc0);
    refused(0xa1, 0x61);
    refused(0xc4, 0x00);
  });

  test("maps, extensions and the token that is never used", () => {
    refused(0x91, 0x80);
    refused(0x91, 0xde, 0, 0);
    refused(0x91, 0xdf, 0, 0, 0, 0);
    refused(0x91, 0xc1);
    refused(0x91, 0xc7, 0, 0x01);
    refused(0x91, 0xc8, 0, 0, 0x01);
    refused(0x91, 0xc9, 0, 0, 0, 0, 0x01);
    for (const [token, size] of [
      [0xd4, 1],
      [0xd5, 2],
      [0xd6, 4],
      [0xd7, 8],
      [0xd8, 16],
    ] as const) {
      for (const type of [0x00, 0x42, 0x62, 0x65, 0x69, 0x70, 0x72, 0x73, 0x74, 0x78, 0xff]) {
        refused(0x91, token, type, ...new Array(size).fill(0));
      }
    }
  });

  test("dates and big numbers, in any form of another sender", () => {
    const packr = new Packr({ useRecords: false, moreTypes: true });
    for (const value of [new Date(), new Map([[1, 2]]), new Set([1]), { a: 1 }, /x/, new Error("x")]) {
      expect(() => unpackList(packr.pack([value]))).toThrow(WireError);
    }
  });

  test("text that is not UTF-8: cut short, overlong, or half of a surrogate pair", () => {
    refused(0x91, 0xa1, 0xe2);
    refused(0x91, 0xa2, 0xc0, 0x80);
    refused(0x91, 0xa3, 0xed, 0xa0, 0x80);
    refused(0x91, 0xd9, 30, ...new Array(29).fill(0x61), 0xff);
  });

  test("lengths that the bytes cannot hold, without making room for them", () => {
    const before = process.memoryUsage().heapTotal;
    for (let round = 0; round < 1_000; round += 1) {
      refused(0xdd, 0xff, 0xff, 0xff, 0xff);
      refused(0xdd, 0x06, 0xff, 0xff, 0xff, 0);
      refused(0x91, 0xc6, 0xff, 0xff, 0xff, 0xff);
      refused(0x91, 0xdb, 0xff, 0xff, 0xff, 0xff);
    }
    expect(process.memoryUsage().heapTotal - before).toBeLessThan(256 << 20);
  });

  test("nested lists that each claim all remaining bytes", () => {
    const claims = Array.from({ length: 1_000 }, () => [0xdd, 0, 0, 0x10, 0]).flat();
    expect(() => unpackList(Uint8Array.from([...claims, ...new Array(8_192).fill(0)]))).toThrow(WireError);
  });

  test("nesting that would break the stack, but accepts the nesting of tables", () => {
    expect(() => unpackList(new Uint8Array(1_000_000).fill(0x91))).toThrow("nested too deep");
    expect(unpackList(Uint8Array.from([...new Array(20).fill(0x91), 0x90]))).toHaveLength(1);
  });

  test("a value shared so often that walking it would never end", () => {
    // These extensions share values and are nested: 600 bytes stand for 2 to the power of 60 entries. The one
    // byte after them is too much.
    const shared = (level: number): number[] => [
      ...[0xd6, 0x69, 0, 0, 0, level],
      ...(level === 0 ? [0x90] : [0x92, ...shared(level - 1), 0xd6, 0x70, 0, 0, 0, level - 1]),
    ];
    refused(0x91, ...shared(60), 0xc0);
  });
});

test("any bytes are a list or a WireError", () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), arbitraryTokens), (bytes) => {
      try {
        expect(Array.isArray(unpackList(bytes))).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
    { numRuns: 5_000 },
  );
});
