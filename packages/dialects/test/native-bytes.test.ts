import { AccountId, CharId, type DoorVocabulary, LoginId } from "@sallyport/domain";
import { MessageCodec } from "@sallyport/wire";
import { expect, test } from "vitest";
import type { Dialect, DialectStream } from "../src/index.ts";
import {
  loginDoorMessages,
  mapDoorEvents,
  nativeCharDoor,
  nativeLoginDoor,
  nativeMapDoor,
} from "../src/native/index.ts";

/*
 * These bytes must never change, because existing clients depend on them. They were written by hand from
 * docs/protocol/native.md, and not by this code.
 */

const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ""), "hex"));
const toHex = (chunks: readonly Uint8Array[]): string =>
  chunks.map((chunk) => Buffer.from(chunk).toString("hex")).join("");
const sameHex = (hex: string): string => hex.replaceAll(/\s/g, "");

// The bytes are the length, the kind (a notice), id 0, and the message [0x0001, 0, 1, "native", "app", "2.0",
// null, null].
const hello = `
    00 00 00 1a  03  00 00 00 00
    98  01  00  01  a6 6e 61 74 69 76 65  a3 61 70 70  a3 32 2e 30  c0  c0`;

/** Opens a stream to which a client has sent its hello. */
function opened<D extends DoorVocabulary>(door: Dialect<D>): DialectStream<D> {
  const stream = door.open(0);
  expect(stream.receive(fromHex(hello), 0)).toEqual([]);
  return stream;
}

test("an introduction has fixed bytes", () => {
  for (const door of [nativeLoginDoor, nativeCharDoor, nativeMapDoor]) {
    const stream = opened<DoorVocabulary>(door as unknown as Dialect<DoorVocabulary>);
    expect(stream.introduction).toEqual({
      version: 1,
      dialect: "native",
      program: "app",
      programVersion: "2.0",
      deviceId: null,
      secondLogin: null,
    });
    expect(stream.takeOutput()).toEqual([]);
  }
});

test("the answer to an unsupported version has fixed bytes", () => {
  const stream = nativeLoginDoor.open(0);
  // The message is [0x0001, 0, 7, "native", "", "", "machine", "reject", true]. A newer version has added the
  // last field.
  const request = `
    00 00 00 22  03  00 00 00 00
    99  01  00  07  a6 6e 61 74 69 76 65  a0  a0  a7 6d 61 63 68 69 6e 65  a6 72 65 6a 65 63 74  c3`;
  stream.receive(fromHex(request), 0);
  // The last part of the frame is the message [0x00f1, 0, 1, 3].
  expect(toHex(stream.takeOutput())).toBe(sameHex("00 00 00 0b  03  00 00 00 00  94  cc f1  00  01  03"));
});

test("a login by password has fixed bytes", () => {
  const stream = opened(nativeLoginDoor);
  // The bytes are the length, the kind (a request), id 1, and the message [0x0102, 5000, "Ada", "hunter2"].
  const request = `
    00 00 00 18  00  00 00 00 01
    94  cd 01 02  cd 13 88  a3 41 64 61  a7 68 75 6e 74 65 72 32`;
  expect(stream.receive(fromHex(request), 0)).toEqual([
    { command: { type: "login.password", name: "Ada", password: "hunter2" }, answerTo: 1, expiresMs: 5_000 },
  ]);

  stream.answer(
    1,
    {
      ok: true,
      value: {
        accountId: AccountId(7),
        loginId1: LoginId(0xdead_beef),
        loginId2: LoginId(1),
        sex: "female",
        lastLoginMs: null,
        worlds: [{ name: "Home", host: "h", port: 6_900, players: 3, wsUrl: null, otherDoors: [] }],
        role: "player",
      },
    },
    0,
  );
  const answer = `
    00 00 00 2a  01  00 00 00 01
    97  07  ce de ad be ef  01  a6 66 65 6d 61 6c 65  c0
    91  95  a4 48 6f 6d 65  a1 68  cd 1a f4  03  c0  a6 70 6c 61 79 65 72`;
  expect(toHex(stream.takeOutput())).toBe(sameHex(answer));
});

test("a list of worlds without WebSocket addresses is still read", () => {
  const answer = `
    96  07  ce de ad be ef  01  a6 66 65 6d 61 6c 65  c0
    91  94  a4 48 6f 6d 65  a1 68  cd 1a f4  03`;
  const { worlds } = new MessageCodec(loginDoorMessages).decodeReply("login.password", fromHex(answer));
  expect(worlds).toEqual([{ name: "Home", host: "h", port: 6_900, players: 3, wsUrl: null }]);
});

test("a refusal with the time to try again has fixed bytes", () => {
  const stream = opened(nativeLoginDoor);
  stream.receive(fromHex("00 00 00 0e  00  00 00 00 09  93  cd 01 03  00  a3 41 64 61"), 0);
  stream.answer(9, { ok: false, refusal: "busy", retryAfterMs: 300 }, 0);
  expect(toHex(stream.takeOutput())).toBe(
    sameHex("00 00 00 0e  02  00 00 00 09  92  a4 62 75 73 79  cd 01 2c"),
  );
});

test("login ids are read from numbers of any width", () => {
  const request = `
    00 00 00 24  00  00 00 00 01
    96  cd 02 01  cd 13 88  cf 00 00 00 00 00 00 00 07  ce de ad be ef  d2 00 00 00 01  a4 6d 61 6c 65`;
  const [arrived] = opened(nativeCharDoor).receive(fromHex(request), 0);
  expect(arrived?.command).toEqual({
    type: "char.enter",
    accountId: 7,
    loginId1: 0xdead_beef,
    loginId2: 1,
    sex: "male",
  });
});

test("a step to another cell has fixed bytes", () => {
  const stream = nativeMapDoor.open(0);
  const ids = { accountId: AccountId(1), charId: CharId(300) };
  stream.event({ type: "actor.moved", ...ids, x: 5, y: 200, path: [], walked: 0 }, 0);
  expect(toHex(stream.takeOutput())).toBe(
    sameHex("00 00 00 10  03  00 00 00 00  95  cd 03 82  00  cd 01 2c  05  cc c8"),
  );
});

test("the answer to a dialogue has fixed bytes", () => {
  // The message is [0x0307, 5000, 0x8000_0001, ["choice", 2]].
  const request = `
    00 00 00 1a  00  00 00 00 01
    94  cd 03 07  cd 13 88  ce 80 00 00 01  92  a6 63 68 6f 69 63 65  02`;
  const [arrived] = opened(nativeMapDoor).receive(fromHex(request), 0);
  const answer = { type: "choice", index: 2 };
  expect(arrived?.command).toEqual({ type: "dialogue.answer", actor: 0x8000_0001, answer });
});

test("choices have fixed bytes", () => {
  const stream = nativeMapDoor.open(0);
  stream.event({ type: "dialogue.asked", actor: 0x8000_0001, choices: ["Yes", "No"] }, 0);
  const asked = "00 00 00 17  03  00 00 00 00  94  cd 03 88  00  ce 80 00 00 01  92  a3 59 65 73  a2 4e 6f";
  expect(toHex(stream.takeOutput())).toBe(sameHex(asked));
});

test("an actor has the number of its picture last, and 0 without one", () => {
  const body =
    "9a  cd 03 81  00  ce 80 00 00 01  a4 4d 61 72 61  a6 66 65 6d 61 6c 65  05  06  a3 6e 70 63  c4 00";
  for (const [looks, picture] of [
    [{ class: 112 }, "70"],
    [{}, "00"],
  ] as const) {
    const stream = nativeMapDoor.open(0);
    const mara = {
      accountId: AccountId(0),
      charId: CharId(0x8000_0001),
      name: "Mara",
      sex: "female",
    } as const;
    const stands = { x: 5, y: 6, path: [], walked: 0, stepMs: 150, cameFrom: null };
    const shown = new Uint8Array();
    stream.event({ type: "actor.appeared", kind: "npc", ...mara, ...stands, looks, shown }, 0);
    expect(toHex(stream.takeOutput())).toContain(sameHex(`${body}  ${picture}`));
  }
});

test("an actor that an older server shows is a player", () => {
  const body = "97  cd 03 81  00  07  a3 42 6f 62  a4 6d 61 6c 65  05  06";
  const { message } = new MessageCodec(mapDoorEvents).decode(fromHex(body));
  expect(message).toMatchObject({ type: "actor.appeared", charId: 7, name: "Bob", kind: "player", class: 0 });
});
