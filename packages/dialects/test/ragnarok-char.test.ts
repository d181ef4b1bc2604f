import { AccountId, type CharacterSummary, type CharDoor, CharId, kickFor, refused } from "@sallyport/domain";
import { describe, expect, test } from "vitest";
import { type GivenOptions, packetVers } from "../src/ragnarok/index.ts";
import { addressFor, dialects, hex, RagnarokClient } from "./ragnarok-client.ts";

const enters = "6500 81841e00 77901111 64c22222 0000 01";
const open = (options: Partial<GivenOptions> = {}) => new RagnarokClient<CharDoor>(dialects(options).char);

const ada: CharacterSummary = {
  charId: CharId(150_001),
  slot: 0,
  name: "Ada",
  looks: { hairStyle: 3, hairColour: 5 },
  position: { map: "prontera", x: 156, y: 191 },
};
const grace: CharacterSummary = { ...ada, charId: CharId(150_002), slot: 2, name: "Grace" };

/**
 * Returns the bytes of a new character in the list. The servers store no data for some fields, so these
 * fields are fixed numbers.
 */
const block = (id: string, name: string, slot: string): string =>
  `${id} 00*12 01000000 00*20 0000 28000000 28000000 0b00 0b00 9600 0000 0300 0000 0100 0000 00*8 0500 0000
   "${name}" 00*${24 - name.length} 05*6 ${slot}00 0100`;
const adas = block("f1490200", "Ada", "00");
const graces = block("f2490200", "Grace", "02");

/** Returns a client that has got the list with these characters. */
function choosing(
  characters: readonly CharacterSummary[] = [ada, grace],
  options: Partial<GivenOptions> = {},
) {
  const client = open(options);
  client.says(enters);
  client.isAnswered("char.enter", { ok: true, value: { characters, slotCount: 9 } });
  client.hears();
  return client;
}

test("the account id comes back with the answer to the login ids, before the characters", () => {
  const client = open();
  expect(client.says(enters)).toEqual([
    { type: "char.enter", accountId: 2_000_001, loginId1: 0x1111_9077, loginId2: 0x2222_c264, sex: "male" },
  ]);
  expect(client.hears()).toBe("");
  client.isAnswered("char.enter", { ok: true, value: { characters: [ada, grace], slotCount: 9 } });
  expect(client.hears()).toBe(hex(`81841e00 6b00 f800 00*20 ${adas} ${graces}`));
});

test("the account id comes back at the next tick if the answer takes longer", () => {
  const client = open();
  client.says(enters);
  expect(client.isSilent).toBe(false);
  expect(client.hears()).toBe(hex("81841e00"));
  client.isAnswered("char.enter", { ok: true, value: { characters: [ada], slotCount: 9 } });
  expect(client.hears()).toBe(hex(`6b00 8800 00*20 ${adas}`));
});

test("the same ids may be shown again on another connection", () => {
  const [first] = open().says(enters);
  expect(open().says(enters)).toEqual([first]);
});

test("showing them again on the same connection changes nothing", () => {
  const client = choosing();
  expect(client.says(enters)).toEqual([]);
  expect(client.hears()).toBe("");
});

test("newer clients get the maps and slots of characters too", () => {
  const client = open({ packetVer: 20101228 });
  client.says(enters);
  client.isAnswered("char.enter", { ok: true, value: { characters: [ada], slotCount: 9 } });
  const list = `6b00 9f00 09 09 09 00*20 ${adas} "prontera.gat" 00*4 00*4`;
  expect(client.hears()).toBe(hex(`81841e00 ${list}`));
});

test.each([
  ["not-logged-in", "6c00 00"],
  ["already-online", "8100 08"],
  ["unavailable", "8100 04"],
  ["busy", "8100 04"],
  ["out-of-order", "8100 03"],
] as const)("a refusal of login ids as %s is sent as %s, after the account id", (refusal, bytes) => {
  const client = open();
  client.says(enters);
  client.isAnswered("char.enter", refused(refusal));
  expect(client.hears()).toBe(hex(`81841e00 ${bytes}`));
});

describe("an account without a character", () => {
  const none = { ok: true, value: { characters: [], slotCount: 9 } } as const;

  test("is given one before the list is sent", () => {
    const client = open();
    client.says(enters);
    const made = { type: "char.create", slot: 0, name: "Novice2000001" };
    expect(client.isAnswered("char.enter", none)).toEqual([made]);
    client.isAnswered("char.create", { ok: true, value: ada });
    expect(client.hears()).toBe(hex(`81841e00 6b00 8800 00*20 ${adas}`));
    expect(client.says("6600 00")).toEqual([{ type: "char.choose", charId: ada.charId }]);
  });

  test("is given one under another name if the first name is taken", () => {
    const client = open();
    client.says(enters);
    client.isAnswered("char.enter", none);
    const again = client.isAnswered("char.create", refused("name-taken"));
    expect(again).toEqual([{ type: "char.create", slot: 0, name: "Novice2000001_2" }]);
    client.isAnswered("char.create", { ok: true, value: ada });
    expect(client.hears()).toContain(hex(adas));
  });

  test("whose possible names are all taken is refused after a few tries", () => {
    const client = open();
    client.says(enters);
    let asked = client.isAnswered("char.enter", none);
    let times = 0;
    for (; asked.length > 0 && times < 100; times += 1)
      asked = client.isAnswered("char.create", refused("name-taken"));
    expect(times).toBe(5);
    expect(client.hears()).toBe(hex("81841e00 8100 04"));
  });

  test("that cannot get one is told to come back", () => {
    const client = open();
    client.says(enters);
    client.isAnswered("char.enter", none);
    client.isAnswered("char.create", refused("unavailable"));
    expect(client.hears()).toBe(hex("81841e00 8100 04"));
  });

  test("gets an empty list if starter characters are switched off", () => {
    const client = open({ starter: false });
    client.says(enters);
    expect(client.isAnswered("char.enter", none)).toEqual([]);
    expect(client.hears()).toBe(hex("81841e00 6b00 1800 00*20"));
  });

  test("gets one with the longest account id too", () => {
    const client = open();
    client.says("6500 ffffffff 77901111 64c22222 0000 01");
    const [made] = client.isAnswered("char.enter", none);
    expect(made).toMatchObject({ name: `Novice${AccountId(0xffff_ffff)}` });
  });
});

describe("choosing a character", () => {
  test("leads to the map-server's door for this family", () => {
    const client = choosing();
    expect(client.says("6600 02")).toEqual([{ type: "char.choose", charId: grace.charId }]);
    const value = { charId: grace.charId, map: "prontera", ...addressFor(5_122) };
    client.isAnswered("char.choose", { ok: true, value });
    expect(client.hears()).toBe(hex(`7100 f2490200 "prontera.gat" 00*4 0a000007 0214`));
  });

  test.each(["1@cata", "06guild_r", "2009rwc_f01"])("on the map %s sends that map name", (map) => {
    const client = choosing();
    client.says("6600 00");
    client.isAnswered("char.choose", { ok: true, value: { charId: ada.charId, map, ...addressFor(5_122) } });
    const padding = 16 - map.length - ".gat".length;
    expect(client.hears()).toBe(hex(`7100 f1490200 "${map}.gat" 00*${padding} 0a000007 0214`));
  });

  test("by an empty slot is refused by the dialect", () => {
    const client = choosing();
    expect(client.says("6600 01")).toEqual([]);
    expect(client.hears()).toBe(hex("6c00 00"));
  });

  test("twice counts once", () => {
    const client = choosing();
    expect(client.says("6600 00 6600 00")).toEqual([{ type: "char.choose", charId: ada.charId }]);
  });

  test.each([
    ["no-such-character", "6c00 00"],
    ["map-unavailable", "8100 01"],
    ["unavailable", "8100 04"],
  ] as const)("that is refused as %s is answered by %s, and may be tried again", (refusal, bytes) => {
    const client = choosing();
    client.says("6600 00");
    client.isAnswered("char.choose", refused(refusal));
    expect(client.hears()).toBe(hex(bytes));
    expect(client.says("6600 00")).toHaveLength(1);
  });

  test("fails if the map-server has no door for this family", () => {
    const client = choosing();
    client.says("6600 00");
    const value = { charId: ada.charId, map: "prontera", ...addressFor(5_122, "another") };
    client.isAnswered("char.choose", { ok: true, value });
    expect(client.hears()).toBe(hex("8100 01"));
  });
});

describe("creating a character", () => {
  const makes = (name: string) => `6700 "${name}" 00*${24 - name.length} 05*6 02 0400 1300`;

  test("is confirmed, and it can be chosen", () => {
    const client = choosing([ada]);
    expect(client.says(makes("Grace"))).toEqual([
      { type: "char.create", slot: 2, name: "Grace", looks: { hairStyle: 19, hairColour: 4 } },
    ]);
    client.isAnswered("char.create", { ok: true, value: grace });
    expect(client.hears()).toBe(hex(`6d00 ${graces}`));
    expect(client.says("6600 02")).toEqual([{ type: "char.choose", charId: grace.charId }]);
  });

  test("without a name is refused by the dialect, since some clients try that first", () => {
    const client = choosing([ada]);
    expect(client.says("6700 00*35")).toEqual([]);
    expect(client.hears()).toBe(hex("6e00 ff"));
    expect(client.says(makes("Grace"))).toHaveLength(1);
  });

  test.each([
    ["name-taken", "6e00 00"],
    ["name-invalid", "6e00 ff"],
    ["slot-invalid", "6e00 ff"],
    ["slot-taken", "6e00 ff"],
    ["map-unavailable", "6e00 ff"],
    ["unavailable", "6e00 ff"],
  ] as const)("that is refused as %s is answered by %s", (refusal, bytes) => {
    const client = choosing([ada]);
    client.says(makes("Grace"));
    client.isAnswered("char.create", refused(refusal));
    expect(client.hears()).toBe(hex(bytes));
  });
});

describe("deleting a character", () => {
  const deletes = `6800 f1490200 "a@a.com" 00*33`;

  test("is confirmed, and it can no longer be chosen", () => {
    const client = choosing();
    expect(client.says(deletes)).toEqual([{ type: "char.delete", charId: ada.charId }]);
    client.isAnswered("char.delete", { ok: true, value: {} });
    expect(client.hears()).toBe(hex("6f00"));
    expect(client.says("6600 00")).toEqual([]);
  });

  test("that is refused keeps it", () => {
    const client = choosing();
    client.says(deletes);
    client.isAnswered("char.delete", refused("no-such-character"));
    expect(client.hears()).toBe(hex("7000 00"));
    expect(client.says("6600 00")).toHaveLength(1);
  });
});

describe("deleting a character as clients of December 2010 do", () => {
  const deleteAfterS = 0x4d1a_0203;
  const december = (
    characters: readonly CharacterSummary[] = [ada, grace],
    more: Partial<GivenOptions> = {},
  ) => choosing(characters, { packetVer: 20101228, ...more });
  const doomed = { ...ada, deleteAfterS };
  const deletes = (birthDate: string) => `2908 f1490200 "${birthDate}"`;

  test("begins with a reservation, which is answered with the time of the deletion", () => {
    const client = december();
    expect(client.says("2708 f1490200")).toEqual([
      { type: "char.delete", charId: ada.charId, step: "reserve" },
    ]);
    client.isAnswered("char.delete", { ok: true, value: { deleteAfterS } });
    expect(client.hears()).toBe(hex("2808 f1490200 01000000 03021a4d"));
    expect(client.says(deletes("000000"))).toEqual([
      { type: "char.delete", charId: ada.charId, step: "carry-out" },
    ]);
    client.isAnswered("char.delete", { ok: true, value: {} });
    expect(client.hears()).toBe(hex("2a08 f1490200 01000000"));
    expect(client.says("6600 00")).toEqual([]);
  });

  test("may be cancelled", () => {
    const client = december([doomed, grace]);
    expect(client.says("2b08 f1490200")).toEqual([
      { type: "char.delete", charId: ada.charId, step: "cancel" },
    ]);
    client.isAnswered("char.delete", { ok: true, value: {} });
    expect(client.hears()).toBe(hex("2c08 f1490200 01000000"));
    expect(client.says("6600 00")).toHaveLength(1);
  });

  test("is in the list with its time, on a later visit too", () => {
    const client = open({ packetVer: 20101228 });
    client.says(enters);
    client.isAnswered("char.enter", { ok: true, value: { characters: [doomed], slotCount: 9 } });
    const list = `6b00 9f00 09 09 09 00*20 ${adas} "prontera.gat" 00*4 03021a4d`;
    expect(client.hears()).toBe(hex(`81841e00 ${list}`));
  });

  test.each([
    ["no-such-character", "03000000"],
    ["unavailable", "03000000"],
  ] as const)("has no time if the reservation is refused as %s", (refusal, code) => {
    const client = december();
    client.says("2708 f1490200");
    client.isAnswered("char.delete", refused(refusal));
    expect(client.hears()).toBe(hex(`2808 f1490200 ${code} 00000000`));
  });

  test.each([
    ["not-yet", "04000000"],
    ["no-such-character", "03000000"],
    ["unavailable", "03000000"],
  ] as const)("keeps it if it is refused as %s", (refusal, code) => {
    const client = december([doomed]);
    client.says(deletes("000000"));
    client.isAnswered("char.delete", refused(refusal));
    expect(client.hears()).toBe(hex(`2a08 f1490200 ${code}`));
    expect(client.says("6600 00")).toHaveLength(1);
  });

  test("is answered with a refusal if it cannot be cancelled", () => {
    const client = december([doomed]);
    client.says("2b08 f1490200");
    client.isAnswered("char.delete", refused("unavailable"));
    expect(client.hears()).toBe(hex("2c08 f1490200 02000000"));
  });

  test.each(["850101", "00000a", "a@a.co"])("accepts 000000 as the birth date, and not %s", (date) => {
    const client = december([doomed]);
    expect(client.says(deletes(date))).toEqual([]);
    expect(client.hears()).toBe(hex("2a08 f1490200 05000000"));
  });

  test("accepts the birth date that is set, or any six digits if none is", () => {
    expect(december([doomed], { birthDate: "850101" }).says(deletes("850101"))).toHaveLength(1);
    expect(december([doomed], { birthDate: "850101" }).says(deletes("000000"))).toHaveLength(0);
    expect(december([doomed], { birthDate: null }).says(deletes("850101"))).toHaveLength(1);
    expect(december([doomed], { birthDate: null }).says(deletes("85-1-1"))).toHaveLength(0);
  });

  test("may end with the older packet, which is answered as for older clients", () => {
    const client = december([doomed]);
    expect(client.says(`6800 f1490200 "a@a.com" 00*33`)).toEqual([
      { type: "char.delete", charId: ada.charId },
    ]);
    client.isAnswered("char.delete", { ok: true, value: {} });
    expect(client.hears()).toBe(hex("6f00"));
  });
});

test.each(packetVers)("a request before the list of characters is ignored, PACKETVER %i", (packetVer) => {
  const client = open({ packetVer });
  expect(client.says(`6600 00 6700 00*35 6800 00*44`)).toEqual([]);
  client.says(enters);
  expect(client.says(`6600 00 6700 00*35 6800 00*44`)).toEqual([]);
  client.isAnswered("char.enter", refused("unavailable"));
  expect(client.hears()).toBe(hex("81841e00 8100 04"));
});

test("a client may stay at character select for as long as is set", () => {
  const client = choosing([ada], { selectIdleMs: 5_000, silentMs: 1_000 });
  client.nowMs = 4_000;
  expect(client.isSilent).toBe(false);
  // Some clients send a ping every ten seconds.
  expect(client.says("8701 81841e00")).toEqual([]);
  client.nowMs = 8_999;
  expect(client.isSilent).toBe(false);
  client.nowMs = 9_000;
  expect(client.isSilent).toBe(true);
});

test("a client that is disconnected gets the reason", () => {
  const client = choosing();
  client.isTold({ type: "client.kicked", ...kickFor("logged-in-elsewhere") });
  expect(client.hears()).toBe(hex("8100 02"));
});
