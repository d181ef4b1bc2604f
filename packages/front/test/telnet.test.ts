import { WireError } from "@sallyport/wire";
import { describe, expect, test } from "vitest";
import { LineCodec } from "../src/protocols/line/telnet.ts";

const iac = 0xff;
const read = (...parts: readonly (string | readonly number[])[]): string[] => {
  const codec = new LineCodec();
  const bytes = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  return [...bytes]
    .flatMap((byte) => codec.read(new Uint8Array([byte])))
    .map((said) => (said.type === "line" ? said.text : `(${said.type})`));
};

describe("a line", () => {
  test("ends with LF, CR LF, CR NUL or CR", () => {
    expect(read("one\ntwo\r\nthree\r\0four\rfive\n\nsix\n")).toEqual([
      ...["one", "two", "three", "four", "five", "", "six"],
    ]);
  });

  test("is UTF-8, and has no control characters", () => {
    expect(read("Zoë\tsays\u0007 ☃\n", [0x61, 0xc3, 0x28, 0x0a])).toEqual(["Zoë says ☃", "a\ufffd("]);
  });

  test("of more than 1024 bytes is read over up to its end, and reported once, before its end", () => {
    const longest = "x".repeat(1_024);
    expect(read(`${longest}\r\n`, `${longest}x`)).toEqual([longest, "(too-long)"]);
    expect(read("x".repeat(5_000), [iac, 0xf4], "x\r\nlook\n\n")).toEqual(["(too-long)", "look", ""]);
    expect(read("one\n", "x".repeat(9_000), "\n", "y".repeat(1_025), "\rtwo\n")).toEqual([
      ...["one", "(too-long)", "(too-long)", "two"],
    ]);
  });
});

describe("telnet", () => {
  test("negotiates, and nothing of it is in the line", () => {
    expect(
      read(
        [iac, 0xfd, 1],
        "lo",
        [iac, 0xfa, 24, 0, iac, iac, iac, 0xf0],
        "ok\n",
        [iac, 0xf4],
        [iac, iac],
        "say hi\n",
      ),
    ).toEqual(["look", "say hi"]);
  });

  test("is refused if a negotiation has no end", () => {
    expect(() => read([iac, 0xfa], "x".repeat(257))).toThrow(WireError);
  });

  test("hides what is typed, but only from a client that speaks it", () => {
    const codec = new LineCodec();
    expect(codec.write({ type: "hide" })).toEqual(new Uint8Array());
    codec.read(new Uint8Array([iac, 0xfd, 3]));
    expect(codec.write({ type: "hide" })).toEqual(new Uint8Array([iac, 0xfb, 1]));
    expect(codec.write({ type: "show" })).toEqual(new Uint8Array([iac, 0xfc, 1]));
  });
});

test("what a person reads ends with CR LF", () => {
  const bytes = new LineCodec().write({ type: "text", text: "one\ntwo" });
  expect(Buffer.from(bytes).toString()).toBe("one\r\ntwo\r\n");
});
