import { describe, expect, test } from "vitest";
import {
  bytes,
  type Field,
  flag,
  list,
  nullable,
  oneOf,
  packValues,
  parseValues,
  record,
  text,
  u8,
  u16,
  u32,
  u53,
  WireError,
  withFallback,
} from "../src/index.ts";

function refuses(field: Field<unknown>, ...values: unknown[]): void {
  for (const value of values) expect(() => field.parse(value, "path")).toThrow(WireError);
}

function takes(field: Field<unknown>, ...values: unknown[]): void {
  for (const value of values) expect(field.parse(value, "path")).toEqual(value);
}

describe("a whole number", () => {
  test.each([
    ["u8", u8(), 0xff],
    ["u16", u16(), 0xffff],
    ["u32", u32(), 0xffff_ffff],
    ["u53", u53(), Number.MAX_SAFE_INTEGER],
  ])("%s accepts 0 to its bound and nothing beyond", (_, field, max) => {
    takes(field, 0, 1, max - 1, max);
    refuses(field, -1, max + 1, 0.5, Number.NaN, Number.POSITIVE_INFINITY);
  });

  test("is not accepted in another type that looks like it", () => {
    refuses(u32(), "1", 1n, true, null, undefined, [1], { valueOf: () => 1 }, new Date(1));
  });
});

describe("text", () => {
  test("has a bound in UTF-16 units, which is included", () => {
    takes(text(4), "", "abcd", "日本語字", "😀😀");
    refuses(text(4), "abcde", "😀😀a");
  });

  test("with half a surrogate pair is refused", () => {
    refuses(text(4), "\ud83d", "a\udc00", "\udc00\ud83d");
  });

  test("accepts only strings", () => {
    refuses(text(4), 1, null, undefined, ["a"], new Uint8Array(1), new String("a"));
  });
});

describe("bytes", () => {
  test("have bounds below and above, which are included", () => {
    takes(bytes(2, 4), new Uint8Array(2), new Uint8Array(4));
    refuses(bytes(2, 4), new Uint8Array(1), new Uint8Array(5), new Uint8Array(0));
  });

  test("accept only byte arrays", () => {
    refuses(bytes(0, 4), "ab", [1, 2], new Uint16Array(2), new ArrayBuffer(2), null);
  });

  test("do not keep the received chunk alive, and do not change with it", () => {
    const chunk = new Uint8Array([1, 2, 3, 4]);
    const parsed = bytes(0, 4).parse(chunk.subarray(1, 3), "path");
    chunk.fill(9);
    expect(parsed).toEqual(new Uint8Array([2, 3]));
    expect(parsed.buffer.byteLength).toBe(2);
  });
});

test("a flag is exactly true or false", () => {
  takes(flag(), true, false);
  refuses(flag(), 0, 1, "true", null, undefined);
});

test("one of several accepts only the listed names, and no name that every object has", () => {
  takes(oneOf(["left", "right"]), "left", "right");
  refuses(oneOf(["left", "right"]), "up", "", "toString", "__proto__", 0, null, ["left"]);
});

describe("a list", () => {
  test("has a bound, which is included", () => {
    takes(list(u8(), 2), [], [1], [1, 2]);
    refuses(list(u8(), 2), [1, 2, 3], "ab", { length: 1, 0: 1 }, null);
  });

  test("names the entry that is wrong", () => {
    expect(() => list(u8(), 9).parse([1, 2, 300], "levels")).toThrow("levels[2]: expected a whole number");
  });
});

describe("a record", () => {
  const position = record({ map: text(4), x: u8() });

  test("travels as a list of its fields, in declared order", () => {
    expect(position.pack({ x: 3, map: "field" })).toEqual(["field", 3]);
    expect(position.parse(["fld", 3], "at")).toEqual({ map: "fld", x: 3 });
  });

  test("is not accepted as an object, with any keys", () => {
    refuses(position, { map: "fld", x: 3 }, new Map([["map", "fld"]]), null);
  });

  test("names the field that is wrong", () => {
    expect(() => list(position, 3).parse([["fld", 3], ["fld"]], "warps")).toThrow(
      "warps[1].x: expected a whole number",
    );
  });
});

test("a nullable value may be null, absent, or of its other kind", () => {
  takes(nullable(u8()), null, 5);
  expect(nullable(u8()).parse(undefined, "path")).toBeNull();
  refuses(nullable(u8()), "5", 256, false);
});

describe("fields", () => {
  const fields = { x: u8(), y: withFallback(u8(), 7), note: withFallback(nullable(text(4)), null) };

  test("that an older sender lacks get their fallback", () => {
    expect(parseValues(fields, [1], "walk")).toEqual({ x: 1, y: 7, note: null });
    expect(parseValues(fields, [1, 2], "walk")).toEqual({ x: 1, y: 2, note: null });
  });

  test("without a fallback are an error if they are missing", () => {
    expect(() => parseValues(fields, [], "walk")).toThrow("walk.x: expected a whole number");
  });

  test("that are present but wrong do not get the fallback", () => {
    for (const wrong of [null, undefined, 256, "2"]) {
      expect(() => parseValues(fields, [1, wrong], "walk")).toThrow("walk.y");
    }
  });

  test("that a newer sender adds are ignored", () => {
    expect(parseValues(fields, [1, 2, null, "added", [1]], "walk")).toEqual({ x: 1, y: 2, note: null });
  });

  test("that come after others are read from their place on", () => {
    expect(parseValues(fields, ["id", 5, 1], "walk", 2)).toEqual({ x: 1, y: 7, note: null });
  });

  test("that the table does not declare are left out", () => {
    expect(packValues({ x: u8() }, { x: 1, secret: 2 } as { x: number })).toEqual([1]);
  });
});

test("an error names the place, and never the value", () => {
  const secret = "hunter2";
  const attempt = (): unknown => parseValues({ password: text(3) }, [secret], "login.password");
  expect(attempt).toThrow(WireError);
  expect(attempt).toThrow("login.password.password: longer than 3 characters");
  expect(attempt).not.toThrow(secret);
});
