import { helloFrame, mapDoorMessages, nativeVersions, plainIntroduction } from "@sallyport/dialects/native";
import type { AccountId, CharId, LoginId } from "@sallyport/domain";
import { encodeFrame, MessageCodec, WireError } from "@sallyport/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Peek, peekAt, peekBytesMax, peekNative, peekRagnarok } from "../src/peek.ts";

const accountId = 2_000_001 as AccountId;
const commands = new MessageCodec(mapDoorMessages);
const entering = commands.encode(
  { type: "map.enter", accountId, charId: 150_001 as CharId, loginId1: 7 as LoginId, sex: "female" },
  5_000,
);
const enters = encodeFrame("request", 1, entering);
const walks = encodeFrame("request", 1, commands.encode({ type: "map.walk", x: 1, y: 2 }, 5_000));
const ping = encodeFrame("ping", 0);

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const joined = (...all: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(all.flatMap((each) => [...each]));

/** CZ_ENTER has these two layouts, for newer and for older clients. */
const enter2010 = bytes("3604 81841e00 f1490200 77901111 162f3501 00");
const enter2004 = bytes("7200 81841e00 f1490200 77901111 162f3501 00");

const shown: readonly (readonly [string, Peek, Uint8Array])[] = [
  ["a native client", peekNative, joined(helloFrame(), enters)],
  ["a native client that pings first", peekNative, joined(ping, helloFrame(), ping, enters)],
  ["a Ragnarok client of 2010", peekRagnarok(20100105), enter2010],
  ["a Ragnarok client of late 2010", peekRagnarok(20101228), enter2010],
  ["one of the oldest Ragnarok clients", peekRagnarok(0), enter2004],
  [
    "a Ragnarok client that asks for the time first",
    peekRagnarok(0),
    joined(bytes("7e00 00000000"), enter2004),
  ],
];

describe.each(shown)("%s", (_, peek, first) => {
  test("shows its account with the last byte of its first message, and not before", () => {
    for (let count = 0; count < first.length; count += 1)
      expect(peek()(first.subarray(0, count)), `${count} bytes`).toBe("needs more");
    expect(peek()(first)).toEqual({ accountId });
  });

  test("shows its account however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(8)), (cuts) => {
        const peekOn = peek();
        for (let at = 0; at < first.length; ) {
          const chunk = first.subarray(at, at + cuts.next().value);
          at += chunk.length;
          expect(peekOn(chunk)).toEqual(at === first.length ? { accountId } : "needs more");
        }
      }),
    );
  });

  test("shows the same account whatever bytes follow", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (rest) => {
        expect(peek()(joined(first, rest))).toEqual({ accountId });
      }),
    );
  });
});

test("a native client without a version is led to any map-server, which refuses it", () => {
  const before = encodeFrame(
    "request",
    1,
    commands.encode({ type: "map.walk", x: 1, y: 2 }, 5_000).subarray(0, -1),
  );
  for (const first of [enters, joined(ping, before)])
    expect(peekNative()(first)).toEqual({ accountId: null });
});

test("a native client that sends a command before its ids is led to any map-server", () => {
  expect(peekNative()(joined(helloFrame(), walks))).toEqual({ accountId: null });
});

test.each([nativeVersions.oldest - 1, nativeVersions.newest + 1])(
  "a native client of version %i is led to any map-server, which answers with its versions",
  (version) => {
    const unreadable = encodeFrame("request", 1, bytes("92 cd ffff 00"));
    const first = joined(helloFrame({ ...plainIntroduction, version }), unreadable);
    expect(peekNative()(first)).toEqual({ accountId: null });
  },
);

test.each([
  ["a native frame longer than commands are", peekNative, bytes("00001000 00")],
  ["a native frame shorter than its header", peekNative, bytes("00000004")],
  [
    "an unknown native message",
    peekNative,
    joined(helloFrame(), encodeFrame("request", 1, bytes("92 cd ffff 00"))),
  ],
  ["no frame at all", peekNative, Buffer.from("GET / HTTP/1.1\r\n\r\n")],
  ["an unknown Ragnarok packet", peekRagnarok(20100105), bytes("ffff")],
  ["a Ragnarok packet of a later generation", peekRagnarok(0), enter2010],
] as const)("%s is nonsense", (_, peek, said) => {
  expect(() => peek()(said)).toThrow(WireError);
});

test("any bytes are an account, none, too few or nonsense", () => {
  const said = fc.oneof(fc.uint8Array({ maxLength: 64 }), fc.uint8Array({ minLength: 19, maxLength: 19 }));
  for (const peek of [peekNative, peekRagnarok(0), peekRagnarok(20100105)]) {
    fc.assert(
      fc.property(said, (first) => {
        try {
          const peeked = peek()(first);
          if (peeked !== "needs more") expect(peeked.accountId === null || peeked.accountId >= 0).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
    );
  }
});

test("the longest introduction and the first request are within the bound", () => {
  const [short, long] = ["語".repeat(32), "語".repeat(64)];
  const said = { dialect: "語".repeat(24), program: short, programVersion: short, deviceId: long };
  const first = joined(helloFrame({ ...plainIntroduction, ...said }), enters);
  expect(peekNative()(first)).toEqual({ accountId });
  expect(first.length).toBeLessThanOrEqual(peekBytesMax);
});

test("any first byte is enough if all servers are alike", () => {
  for (const door of ["login", "char"] as const) {
    expect(peekAt(door, peekNative)()(new Uint8Array(0))).toBe("needs more");
    expect(peekAt(door, peekNative)()(bytes("ff"))).toEqual({ accountId: null });
  }
  expect(peekAt("map", peekNative)).toBe(peekNative);
});
