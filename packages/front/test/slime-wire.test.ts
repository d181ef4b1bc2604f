import { codePages } from "@sallyport/dialects/ragnarok";
import { WireError } from "@sallyport/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { characterIn, gameMoment } from "../src/protocols/slime/account.ts";
import { decrypted, encrypted, keyStream } from "../src/protocols/slime/cipher.ts";
import { SlimeCodec } from "../src/protocols/slime/codec.ts";
import { deviceOf } from "../src/protocols/slime/device.ts";
import { slimeProtocol } from "../src/protocols/slime/index.ts";
import { Rooms, readRooms, readSpot } from "../src/protocols/slime/rooms.ts";
import { readSaid, saidTypes } from "../src/protocols/slime/said.ts";
import { type SlimeTold, toldPayload } from "../src/protocols/slime/told.ts";

const western = codePages["windows-1252"];
const hex = (text: string): Buffer => Buffer.from(text, "hex");
const read = (...frames: readonly string[]) =>
  new SlimeCodec(western).read(Buffer.concat(frames.map((frame) => hex(frame))));
const written = (told: SlimeTold): string => Buffer.from(new SlimeCodec(western).write(told)).toString("hex");
const payload = (told: SlimeTold): string => Buffer.from(toldPayload(told, western)).toString("hex");
const said = (text: string) => readSaid(hex(text), western);

const credentials = { name: "testuser", password: "password", mac: "00-11-22-33-44-55" };

describe("RC4", () => {
  test("gives the published stream of a key", () => {
    const plain = Buffer.from("Plaintext");
    const stream = keyStream("Key", plain.length);
    expect(Buffer.from(plain.map((byte, index) => byte ^ (stream[index] ?? 0))).toString("hex")).toBe(
      "bbf316e8d940af0ad3",
    );
  });
});

/* The bytes that the program of the original was seen to send and to read. */
describe("a frame on the wire", () => {
  test.each([
    [
      "LOGIN",
      "2c0068a2350bb67e977776567994f3d0e367b7bc83d436bc2d12f8fb17bcf3bee1a33f2d40761d3af0b0f420df57",
      { type: "login", version: "0.106", ...credentials },
    ],
    [
      "REGISTER of the real client",
      "260065a27140f43ad40467410a90e7d0f562d8be86a775fb6f51add615bef3bce3a3392b40701b17",
      { type: "register", version: null, ...credentials },
    ],
    [
      "REGISTER of the seed",
      "2c0065a2350bb67e977776567994f3d0e367b7bc83d436bc2d12f8fb17bcf3bee1a33f2d40761d3af0b0f420df57",
      { type: "register", version: "0.106", ...credentials },
    ],
    ["PING", "02006ba2", { type: "ping" }],
    ["LOGOUT", "020064a2", { type: "logout" }],
    ["CHAT", "090073a24d40eb22ce5602", { type: "chat", text: "Hello!" }],
  ])("of a client, %s", (_, frame, message) => {
    expect(read(frame)).toEqual([message]);
  });

  test.each<[string, SlimeTold, string]>([
    ["REGISTER, success", { type: "registered", result: 1 }, "0300e3708b"],
    ["LOGIN, wrong password", { type: "login-refused", case: 3 }, "0300ee7089"],
    ["PING", { type: "ping" }, "0200ed70"],
  ])("to a client, %s", (_, told, frame) => {
    expect(written(told)).toBe(frame);
  });

  test("to a client, LOGIN with the whole account", () => {
    const account = {
      ...{ pid: 42, motd: "Welcome!", name: "testuser", x: 160, y: 120, room: 1 },
      moment: { unixSeconds: 1_700_000_000, day: 3, hour: 12, minute: 30 },
      character: characterIn({}),
    };
    expect(written({ type: "logged-in", account })).toBe(
      "7a00ee708bc32e9c148e1e4147c2229ba64801c60f45e94f7ff21b1c61953c5b5fbdb95624831e93533251e8fae437562bcd6f2509976974ae279845511d14dca6b5730892681c1b604235c9e660d063dda4404a8368ef597bbc881b0a469174f50f0d0991ec0dfa32163df6f5c9fdba07cef535d1717ad79be7a00b",
    );
  });

  test("to a client, LOGIN with each attribute at its place", () => {
    const slime = {
      ...{ points: 0x0102_03, hasSignature: true, questId: 0x0405, questStep: 6 },
      ...{ treesPlanted: 0x0708, objectsBuilt: 0x090a, emotes: [11, 12, 13, 14, 15] },
      outfits: [0x0110, 0, 0, 0, 0, 0, 0, 0, 0x0111],
      accessories: [0x0120, 0, 0, 0, 0, 0, 0, 0, 0x0121],
      items: [0x0130, 0, 0, 0, 0, 0, 0, 0, 0x0131],
      tools: [0x40, 0, 0, 0, 0, 0, 0, 0, 0x41],
    };
    const account = {
      ...{ pid: 0x5051, motd: "Hi", name: "Zoë", x: 0x6061, y: 0x6263, room: 0x6465 },
      moment: { unixSeconds: 0x7071_7273, day: 7, hour: 23, minute: 59 },
      character: characterIn({
        slime,
        slimeLooks: { body: 0x8081, accessory1: 0x8283, accessory2: 0x8485 },
      }),
    };
    const nine = (first: string, last: string) => `${first}${"00".repeat(first.length / 2).repeat(7)}${last}`;
    expect(payload({ type: "logged-in", account })).toBe(
      [
        ...["0a00", "01", "5150", "73727170", "486900", "07", "17", "3b", "5a6feb00"],
        ...["6160", "6362", "6564", "8180", "8382", "8584", "03020100", "01", "0504", "06"],
        ...["0807", "0a09", "0b0c0d0e0f"],
        ...[nine("1001", "1101"), nine("2001", "2101"), nine("3001", "3101"), nine("40", "41")],
      ].join(""),
    );
  });

  test("to a client, SERVER_CLOSE with the reason behind its id", () => {
    expect(written({ type: "bye", reason: "" }).slice(4)).toMatch(/^fc70/);
    expect(payload({ type: "bye", reason: "Bye" })).toBe("180042796500");
  });

  test("texts are in the code page of the setting, and have no NUL in them", () => {
    const options = { rooms: new Rooms(new Map([[1, "meadow"]]), { x: 1, y: 1 }), world: null, motd: "Hi" };
    const more = { secondLogin: "takeover", clientsMax: 9, saysNoAccount: true } as const;
    const codec = slimeProtocol({ ...options, ...more, codePage: "windows-1251" }).codec();
    const [chat] = codec.read(Buffer.concat([hex("0400"), decrypted(hex("1100e600"))]));
    expect(chat).toEqual({ type: "chat", text: "ж" });
    const told = Buffer.from(
      encrypted(Buffer.from(codec.write({ type: "chat", pid: 5, text: "ж\0é" })).subarray(2)),
    );
    expect(told.toString("hex")).toBe("11000500e63f00");
  });

  test("comes in any pieces, and several come at once", () => {
    const codec = new SlimeCodec(western);
    const bytes = hex("02006ba2090073a24d40eb22ce5602020064a2");
    const types = [...bytes].flatMap((byte) => codec.read(Uint8Array.of(byte))).map(({ type }) => type);
    expect(types).toEqual(["ping", "chat", "logout"]);
    expect(new SlimeCodec(western).read(bytes)).toHaveLength(3);
  });

  test("of 8192 bytes is read, and a longer one is refused before it has come", () => {
    const greatest = Buffer.concat([hex("0020"), Buffer.alloc(8_192)]);
    expect(new SlimeCodec(western).read(greatest)).toHaveLength(1);
    expect(() => read("0120")).toThrow(WireError);
  });
});

describe("a message of a client", () => {
  test.each([
    ["1, NEW_PLAYER", "0100 0500 1000 2000", { type: "place", x: 16, y: 32 }],
    ["2, MOVE_PLAYER with a place", "0200 01 a000 7800", { type: "move", direction: 1, x: 160, y: 120 }],
    ["2, MOVE_PLAYER, a jump", "0200 03 ffff", { type: "move", direction: 3, x: -1, y: null }],
    ["2, MOVE_PLAYER without a place", "0200 0d", { type: "move", direction: 13, x: null, y: null }],
    ["14, WARP", "0e00 0200 a000 7800", { type: "room", room: 2, x: 160, y: 120 }],
    ["15, POSITION", "0f00 0500 1000 2000", { type: "place", x: 16, y: 32 }],
    ["19, SAVE", "1300", { type: "save" }],
    ["23, EMOTE", "1700 0d", { type: "emote", emote: 13 }],
    ["43, PLAYER_STOP", "2b00 1000 2000", { type: "stop", x: 16, y: 32 }],
    ["117, PING_REQ", "7500", { type: "ping-request" }],
    ["133, TYPING", "8500", { type: "typing" }],
  ])("with the id %s", (_, bytes, message) => {
    expect(said(bytes.replaceAll(" ", ""))).toEqual(message);
  });

  test("may have more bytes behind its fields", () => {
    expect(said("0900ffff")).toEqual({ type: "ping" });
  });

  test("with another id is unknown, and one that ends too soon is junk", () => {
    expect(said("0c0001")).toEqual({ type: "unknown", id: 12 });
    for (const bytes of ["", "09", "0e000100", "110041", "0a00302e31303600", "020000", "02000e"])
      expect(said(bytes)).toMatchObject({ type: "junk" });
  });

  test("of any bytes is one of the messages that are served", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(saidTypes).toHaveProperty(readSaid(bytes, western).type);
      }),
    );
  });
});

describe("a message to a client", () => {
  const looks = { body: 1, accessory1: 2, accessory2: 3 };
  const player = { pid: 5, x: 16, y: 32, room: 2, name: "Zoë", looks };
  test.each<[string, SlimeTold, string]>([
    [
      "NEW_PLAYER, just come",
      { type: "came", player },
      "0100 01 1000 2000 0500 0200 5a6feb00 0100 0200 0300",
    ],
    [
      "NEW_PLAYER, here already",
      { type: "present", player },
      "0100 02 1000 2000 0500 0000000000 0200 5a6feb00 0100 0200 0300",
    ],
    ["MOVE_PLAYER", { type: "moved", pid: 5, direction: 3, x: -1, y: null }, "0200 0500 03 ffff"],
    ["PLAYER_STOP", { type: "stopped", pid: 5, x: 16, y: 32 }, "2b00 0500 1000 2000"],
    ["LOGOUT", { type: "left", pid: 5 }, "0600 0500"],
    ["CHAT", { type: "chat", pid: 5, text: "a\0ж" }, "1100 0500 613f00"],
    ["TYPING", { type: "typing", pid: 5 }, "8500 0500"],
    ["EMOTE", { type: "emote", pid: 5, emote: 14 }, "1700 0500 0e"],
    ["SAVE", { type: "saved" }, "1300"],
    ["PING_REQ", { type: "ping-answer" }, "7500"],
    ["TIME", { type: "time", part: 2, value: 59 }, "1500 02 3b"],
    ["the room in which the player is put", { type: "put", room: 2, x: 16, y: 32 }, "4d00 0200 1000 2000"],
  ])("%s", (_, told, bytes) => {
    expect(payload(told)).toBe(bytes.replaceAll(" ", ""));
  });
});

describe("the attributes of a character", () => {
  test("are what its game shows, and those of a new character where it shows nothing", () => {
    expect(characterIn({})).toMatchObject({ looks: { body: 1 }, points: 0, tools: Array(9).fill(0) });
    const slime = { points: 7, hasSignature: true, emotes: [5, 4, 6, 8, 7], items: [1, 1, 1, 24] };
    expect(characterIn({ slime, slimeLooks: { body: 3, accessory1: 4, accessory2: 5 } })).toMatchObject({
      ...{ points: 7, hasSignature: true, emotes: [5, 4, 6, 8, 7], items: [1, 1, 1, 24, 0, 0, 0, 0, 0] },
      looks: { body: 3, accessory1: 4, accessory2: 5 },
    });
  });

  test("are numbers that fit their fields, whatever the game shows", () => {
    const slime = {
      points: 10_000_001,
      questId: -1,
      questStep: "x",
      emotes: [256, 1.5, null, 1],
      tools: "none",
    };
    expect(characterIn({ slime, slimeLooks: 5 })).toMatchObject({
      ...{ points: 0, questId: 0, questStep: 0, emotes: [0, 0, 0, 1, 0], looks: { body: 1 } },
    });
  });
});

test("the time of the game is that of the day in UTC, and Sunday is day 1", () => {
  expect(gameMoment(Date.UTC(2026, 10, 29, 23, 59))).toMatchObject({ day: 1, hour: 23, minute: 59 });
  expect(gameMoment(Date.UTC(2026, 10, 28))).toMatchObject({ day: 7, hour: 0, minute: 0 });
});

test("a hardware address names the same device in both ways of writing", () => {
  expect(deviceOf("00:1a:2b:3c:4d:5e")).toBe("00-1A-2B-3C-4D-5E");
  expect(deviceOf("00-1A-2B-3C-4D-5E")).toBe("00-1A-2B-3C-4D-5E");
  expect(deviceOf("")).toBeNull();
  expect(deviceOf("x".repeat(100))).toHaveLength(64);
});

test("rooms are a list of different numbers and maps, and a place has two numbers", () => {
  expect(readRooms("1=meadow, 32=grove")).toEqual(
    new Map([
      [1, "meadow"],
      [32, "grove"],
    ]),
  );
  for (const wrong of ["", "meadow", "1=meadow,1=grove", "1=meadow,2=meadow", "1001=meadow", "1=Meadow"])
    expect(readRooms(wrong)).toBeNull();
  expect(readSpot("160,120")).toEqual({ x: 160, y: 120 });
  for (const wrong of ["", "160", "160,120,1", "70000,1", "a,b"]) expect(readSpot(wrong)).toBeNull();
});
