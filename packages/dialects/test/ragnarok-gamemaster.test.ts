import { type Kick, kickFor, type MapDoor, refused } from "@sallyport/domain";
import { describe, expect, test } from "vitest";
import { hex, type RagnarokClient } from "./ragnarok-client.ts";
import { enters, open, playing } from "./ragnarok-on-map.ts";

const december = { packetVer: 20101228 };
const done = { ok: true, value: {} } as const;
const bob = `"Bob" 00*21`;
const bobsAccount = "80841e00";

/** Answers the order that the client has just given. */
function answered(
  bytes: string,
  answer: Parameters<RagnarokClient<MapDoor>["isAnswered"]>[1],
  client = playing(),
): string {
  client.says(bytes);
  client.isAnswered("map.order", answer as never);
  return client.hears();
}

test.each([
  [`bb01 ${bob}`, { order: "go-to", player: "Bob" }],
  [`ba01 ${bob}`, { order: "go-to", player: "Bob" }],
  [`bd01 ${bob}`, { order: "summon", player: "Bob" }],
  [`bc01 ${bob}`, { order: "summon", player: "Bob" }],
  [`cc00 ${bobsAccount}`, { order: "kick", player: 2_000_000, text: "" }],
  [`4901 ${bobsAccount} 01 0a00`, { order: "mute", player: 2_000_000, minutes: 10 }],
  [`4901 ${bobsAccount} 00 0a00`, { order: "mute", player: 2_000_000, minutes: 0 }],
  [`1202 ${bob}`, { order: "mute", player: "Bob", minutes: 60 }],
  [`4001 "Prontera.gat" 00*4 9c00 bf00`, { order: "go", place: { map: "prontera", x: 156, y: 191 } }],
  [`4001 "prontera" 00*8 0000 0000`, { order: "go", place: { map: "prontera", x: 0, y: 0 } }],
  [`9900 1200 "TestChar : hi" 00`, { order: "announce-world", text: "hi", isSigned: true }],
  [`9900 0700 "hi" 00`, { order: "announce-world", text: "hi", isSigned: false }],
  [`9c01 1200 "TestChar : hi" 00`, { order: "announce-map", text: "hi", isSigned: true }],
])("the packet %s is an order", (bytes, order) => {
  expect(playing().says(bytes)).toEqual([{ type: "map.order", ...order }]);
});

test("a newer client names a player by the account", () => {
  const client = playing(december);
  expect(client.says(`4308 ${bobsAccount}`)).toEqual([
    { type: "map.order", order: "go-to", player: 2_000_000 },
  ]);
  expect(client.says(`4208 ${bobsAccount}`)).toEqual([
    { type: "map.order", order: "summon", player: 2_000_000 },
  ]);
});

test("an order before the client is in the world, and the wish to mute oneself, are ignored", () => {
  expect(open().says(`cc00 ${bobsAccount}`)).toEqual([]);
  expect(playing().says(`4901 ${bobsAccount} 02 0a00`)).toEqual([]);
});

test("a gamemaster is told whether a player was kicked, and that a mute was done", () => {
  expect(answered(`cc00 ${bobsAccount}`, done)).toBe(hex("cd00 01"));
  expect(answered(`cc00 ${bobsAccount}`, refused("no-such-player"))).toBe(hex("cd00 00"));
  expect(answered(`4901 ${bobsAccount} 01 0a00`, done)).toBe(hex("4a01 00000000"));
  expect(answered(`bb01 ${bob}`, done)).toBe("");
});

test("a client without the right to order hears nothing", () => {
  expect(answered(`cc00 ${bobsAccount}`, refused("not-allowed"))).toBe("");
});

test("a muted client is told so when it speaks", () => {
  const client = playing();
  client.says(`f300 1400 "TestChar : hello"`);
  client.isAnswered("map.say", refused("muted", 60_000));
  expect(client.hears()).toBe(hex("4a01 03000000"));
});

describe("a player that is put out", () => {
  const told = (kick: Kick, client = playing()): string => {
    client.isTold({ type: "client.kicked", ...kick });
    return client.hears();
  };
  const spam = { reason: "banned", untilMs: Date.UTC(2026, 11, 31, 18), text: "spam" } as const;
  const until = '9a00 2600 "Banned until 2026-12-31 18:00 UTC" 00';

  test("is shown until when and why, before the code that ends the game", () => {
    expect(told(spam)).toBe(hex(`${until} 9a00 0900 "spam" 00 8100 0f`));
    expect(told({ ...spam, text: null })).toBe(hex(`${until} 8100 0f`));
    expect(told({ ...spam, untilMs: null })).toBe(hex('9a00 0900 "spam" 00 8100 0f'));
    expect(told({ reason: "kicked", untilMs: null, text: "afk" })).toBe(hex('9a00 0800 "afk" 00 8100 0f'));
  });

  test("is shown the code alone if there is nothing to say, or while it loads a map", () => {
    expect(told(kickFor("banned"))).toBe(hex("8100 0f"));
    const loading = open();
    loading.says(enters);
    const heard = told(spam, loading);
    expect(heard).toMatch(/81000f$/);
    expect(heard).not.toContain(hex('"Banned"'));
  });

  test("is shown a ban until a time that no date has", () => {
    expect(told({ ...spam, untilMs: Number.MAX_SAFE_INTEGER })).toContain(
      hex('"Banned until +275760-09-13"'),
    );
  });
});

test("an announcement is shown with the name of the gamemaster, if it is signed", () => {
  const client = playing();
  client.isTold({ type: "announced", text: "Hi", from: "Ada" });
  client.isTold({ type: "announced", text: "Hi", from: null });
  expect(client.hears()).toBe(hex(`9a00 0d00 "Ada : Hi" 00 9a00 0700 "Hi" 00`));
});
