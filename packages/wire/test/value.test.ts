import fc from "fast-check";
import { Packr, Unpackr } from "msgpackr";
import { describe, expect, test } from "vitest";
import { packValue, unpackValue, valueBounds, WireError } from "../src/index.ts";

const reference = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: "number" });
const packr = new Packr({ useRecords: false, moreTypes: false });

const arbitraryKey = fc
  .string({ maxLength: 12 })
  .filter((key) => !["__proto__", "constructor", "prototype"].includes(key));

/** These values are within the bounds. */
const arbitraryValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie("value"), { maxLength: 6 }),
    fc.dictionary(arbitraryKey, tie("value"), { maxKeys: 6, noNullPrototype: true }),
  ),
})).value;

const refusal = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    if (error instanceof WireError) return error.message;
    throw error;
  }
  return "nothing";
};
const refused = (...bytes: number[]): string => refusal(() => unpackValue(Uint8Array.from(bytes)));

test("packed values come back unchanged", () => {
  fc.assert(
    fc.property(arbitraryValue, (value) => {
      expect(unpackValue(new Uint8Array(packValue(value)))).toEqual(value);
    }),
  );
});

test("any bytes are a value that can be packed again, or a WireError", () => {
  const tokens = fc.constantFrom(
    ...[[0x80], [0x81], [0x8f], [0xde, 0, 1], [0xdf, 0, 0, 0, 1], [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ...[[0x91], [0xdc, 0, 2], [0xdd, 0xff, 0xff, 0xff, 0xff], [0xa1, 0x61], [0xa1, 0x62], [0xc0], [0xc3]],
    ...[
      [0xd6, 0x72, 0, 0, 0, 1],
      [0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0],
      [0xca, 0x7f, 0x80, 0, 0],
    ],
    [0xa9, ...new TextEncoder().encode("__proto__")],
  );
  const bytes = fc
    .array(
      fc.oneof(
        tokens,
        fc.nat(0xff).map((byte) => [byte]),
      ),
      { maxLength: 60 },
    )
    .map((parts) => Uint8Array.from(parts.flat()));
  fc.assert(
    fc.property(bytes, (read) => {
      let value: unknown;
      try {
        value = unpackValue(read);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
        return;
      }
      expect(value).toEqual(reference.unpack(read));
      expect(unpackValue(new Uint8Array(packValue(value)))).toEqual(value);
    }),
    { numRuns: 5_000 },
  );
});

describe("the reader refuses", () => {
  test("keys that could change a prototype", () => {
    for (const key of ["__proto__", "constructor", "prototype"]) {
      const bytes = packr.pack(new Map([[key, 1]]));
      expect(refusal(() => unpackValue(bytes))).toBe("has a forbidden key");
    }
    expect(Object.getPrototypeOf(unpackValue(Uint8Array.of(0x80)))).toBe(Object.prototype);
  });

  test("a key that is no text, and a key that comes twice", () => {
    expect(refused(0x81, 0x01, 0x01)).toBe("has a key that is no text");
    expect(refused(0x81, 0x80, 0x01)).toBe("has a key that is no text");
    expect(refused(0x82, 0xa1, 0x61, 0x01, 0xa1, 0x61, 0x02)).toBe("has a key twice");
  });

  test("counts that the bytes cannot hold, before it reads an entry", () => {
    expect(refused(0xdf, 0xff, 0xff, 0xff, 0xff)).toBe("ends too early");
    expect(refused(0x82, 0xa1, 0x61)).toBe("ends too early");
  });

  test("more bytes, a greater depth or more values than the bounds", () => {
    const { bytesMax, nestingMax, valuesMax } = valueBounds;
    expect(refusal(() => unpackValue(new Uint8Array(bytesMax + 1)))).toBe(`longer than ${bytesMax} bytes`);
    expect(refused(...new Array(nestingMax).fill(0x91), 0xc0)).toBe("nothing");
    expect(refused(...new Array(nestingMax + 1).fill(0x91), 0xc0)).toBe("nested too deep");
    const list = (count: number) =>
      Uint8Array.of(0xdc, count >> 8, count & 0xff, ...new Array(count).fill(0));
    expect(refusal(() => unpackValue(list(valuesMax - 1)))).toBe("nothing");
    expect(refusal(() => unpackValue(list(valuesMax)))).toBe("holds too many values");
  });

  test("numbers that are not finite", () => {
    expect(refused(0x91, 0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0)).toBe("holds no finite number");
    expect(refused(0x81, 0xa1, 0x61, 0xca, 0x7f, 0x80, 0, 0)).toBe("holds no finite number");
  });
});

describe("the writer", () => {
  const problem = (value: unknown): string => refusal(() => packValue(value));

  test("names the part that no message can hold", () => {
    expect(problem({ a: [1, { b: new Date(0) }] })).toBe("a[1].b: is no plain object");
    expect(problem({ a: 1n })).toBe("a: a message cannot hold bigint");
    expect(problem([() => 1])).toBe("[0]: a message cannot hold function");
    expect(problem({ a: Number.NaN })).toBe("a: is no finite number");
    expect(problem({ a: "\ud800" })).toBe("a: malformed text");
    expect(problem(JSON.parse('{"__proto__": 1}'))).toBe("has the forbidden key __proto__");
    expect(problem(undefined)).toBe("a message cannot hold undefined");
  });

  test("leaves out the entries that are undefined", () => {
    expect(unpackValue(packValue({ a: undefined, b: 1 }))).toEqual({ b: 1 });
  });

  test("refuses a value that refers to itself, or is too large for the reader", () => {
    const loop: unknown[] = [];
    loop.push(loop);
    expect(problem(loop)).toMatch(/nested too deep$/);
    expect(problem(new Array(valueBounds.valuesMax).fill(0))).toMatch(/holds too many values$/);
    expect(problem("x".repeat(valueBounds.bytesMax))).toMatch(/^longer than/);
  });
});
