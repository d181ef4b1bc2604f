import { describe, expect, it } from "vitest";
import * as write from "../src/wire/client-packets.ts";
import { type FirstBytes, type Item, PacketStream } from "../src/wire/packet-stream.ts";
import { mainProfile, type Profile, profiles } from "../src/wire/profile.ts";
import { type Door, type Row, serverRows } from "../src/wire/server-packets.ts";
import { bytes, characterList, charBlock, recorded, text, zeros } from "./bytes.ts";

const ids = { accountId: 2_000_001, loginId1: 0x11119077, loginId2: 0x2222c264, sex: 0 };
const later: Profile = profiles[20101228];

function streamAt(
  door: Door,
  eat: FirstBytes["eat"] = "never",
  profile: Profile = mainProfile,
): PacketStream {
  const rows: readonly Row[] = serverRows(profile);
  return new PacketStream({
    door,
    rows: new Map(rows.map((row) => [row.opcode, row])),
    passedOver: new Map([
      [0x013a, 4],
      [0x010f, -1],
    ]),
    firstBytes: { eat, accountId: ids.accountId },
  });
}

const packetsOf = (items: readonly Item[]): unknown[] =>
  items.map((item) => (item.kind === "packet" ? item.packet : item));
const read = (door: Door, ...sent: Buffer[]): unknown[] =>
  packetsOf(streamAt(door).push(Buffer.concat(sent)));

describe("a packet that the client writes", () => {
  it.each([
    ["login", write.login("testuser", "testpass")],
    ["enterChar", write.enterChar(ids)],
    ["enterMap", write.enterMap(ids, 150_001, 0x01352f16)],
    ["time", write.requestTime(mainProfile, 0x01352f24)],
    ["guild", write.requestGuild()],
    ["walk", write.walk(mainProfile, { x: 150, y: 181 })],
    ["say", write.say("TestChar", "hello from A")],
    ["name", write.requestName(mainProfile, 2_000_000)],
    ["restart", write.restart("char-select")],
  ] as const)("has the bytes of a real client: %s", (name, written) => {
    expect(written.toString("hex")).toBe(recorded[name].toString("hex"));
  });

  it.each([
    ["select", write.selectCharacter(3), "6600 03"],
    ["delete", write.deleteCharacter(150_001, ""), `6800 f1490200 ${"00".repeat(40)}`],
    ["reserve", write.reserveDeletion(150_001), "2708 f1490200"],
    ["cancel", write.cancelDeletion(150_001), "2b08 f1490200"],
    ["delete reserved", write.deleteReserved(150_001, "850101"), "2908 f1490200 383530313031"],
    ["ping", write.ping(2_000_001), "8701 81841e00"],
    ["loaded", write.actorInit(), "7d00"],
    ["look", write.look(mainProfile, 2, 5), "8500 0000 02 00000000 05"],
    ["act", write.act(2_000_000, 7), "3704 80841e00 07"],
    ["click", write.clickNpc(0x8000_0001), "9000 01000080 01"],
    ["next", write.nextLines(0x8000_0001), "b900 01000080"],
    ["choose", write.choose(0x8000_0001, 2), "b800 01000080 02"],
    ["close", write.closeDialogue(0x8000_0001), "4601 01000080"],
    ["deal to buy", write.deal(0x8000_0001, "buy"), "c500 01000080 00"],
    ["deal to sell", write.deal(0x8000_0001, "sell"), "c500 01000080 01"],
    ["buy", write.buy([{ item: 501, amount: 3 }]), "c800 0800 0300 f501"],
    ["take", write.takeItem(mainProfile, 0x8000_0001), "f500 0000000000 01000080"],
    ["emotion", write.showEmotion(4), "bf00 04"],
    ["quit", write.quit(), "8a01 0000"],
    ["blank character", write.blankCharacter(), `6700 ${"00".repeat(35)}`],
  ])("has its fields at the right offsets: %s", (_, written, expected) => {
    expect(written.toString("hex")).toBe(expected.replaceAll(" ", ""));
  });

  it("has the right offsets for a new character and a whisper", () => {
    const made = write.makeCharacter({
      name: "Ann",
      slot: 2,
      attributes: [9, 1, 9, 1, 5, 5],
      hairColour: 3,
      hair: 4,
    });
    expect(made).toEqual(bytes("6700", text("Ann", 24), "090109010505 02 0300 0400"));
    expect(write.whisper("Ann", "hi")).toEqual(bytes("9600 1f00", text("Ann", 24), "686900"));
  });

  it("follows the layout of the client's generation", () => {
    const written = [
      write.walk(later, { x: 150, y: 181 }),
      write.requestTime(later, 0x01352f24),
      write.requestName(later, 2_000_000),
      write.look(later, 2, 5),
      write.takeItem(later, 0x8000_0001),
    ];
    expect(written).toEqual([
      bytes("5f03 258b50"),
      bytes("6003 242f3501"),
      bytes("6803 80841e00"),
      bytes("6103 0200 05"),
      bytes("6203 01000080"),
    ]);
  });
});

describe("the client's reader", () => {
  it("reads the bytes recorded at the login door", () => {
    const { loginAccepted, loginRefused, kicked } = recorded;
    expect(read("login", loginAccepted, loginRefused, kicked)).toEqual([
      {
        type: "AC_ACCEPT_LOGIN",
        ...ids,
        worlds: [{ host: "127.0.0.1", port: 0x6915, name: "MockWorld", users: 0 }],
      },
      { type: "AC_REFUSE_LOGIN", code: 1, until: "" },
      { type: "SC_NOTIFY_BAN", code: 1 },
    ]);
  });

  it("reads the bytes recorded on the map", () => {
    const cell = { x: 156, y: 191 };
    const talk = "TestChar : hello from A";
    const { accountId, mapEntered, timeTold, ownWalk, ownWords, words, nameTold } = recorded;
    expect(read("map", accountId, mapEntered, timeTold, ownWalk, ownWords, words, nameTold)).toEqual([
      { type: "ZC_AID", accountId: 2_000_001 },
      { type: "ZC_ACCEPT_ENTER2", tick: 0x00274eaa, cell: { ...cell, direction: 4 } },
      { type: "ZC_NOTIFY_TIME", tick: 0x00274eb9 },
      { type: "ZC_NOTIFY_PLAYERMOVE", tick: 0x002762d9, from: cell, to: { x: 150, y: 181 } },
      { type: "ZC_NOTIFY_PLAYERCHAT", text: talk },
      { type: "ZC_NOTIFY_CHAT", id: 2_000_000, text: talk },
      { type: "ZC_ACK_REQNAME", id: 2_000_000, name: "TestChar" },
    ]);
    const { mapChanged, serverChanged, vanished, restarted } = recorded;
    expect(read("map", mapChanged, serverChanged, vanished, restarted)).toEqual([
      { type: "ZC_NPCACK_MAPMOVE", map: "prt_fild08", x: 170, y: 370 },
      { type: "ZC_NPCACK_SERVERMOVE", map: "izlude", x: 128, y: 114, host: "127.0.0.1", port: 0x6917 },
      { type: "ZC_NOTIFY_VANISH", id: 2_000_000, why: 3 },
      { type: "ZC_RESTART_ACK", code: 1 },
    ]);
    expect(read("char", recorded.zone)).toEqual([
      { type: "HC_NOTIFY_ZONESVR", charId: 150_001, map: "prontera", host: "127.0.0.1", port: 0x6916 },
    ]);
  });

  it("reads what NPCs say, ask and sell", () => {
    const id = 0x8000_0001;
    const menu = bytes("b700 1000 01000080", text("Yes::No", 8));
    const goods = bytes("c600 1a00 32000000 28000000 03 f501 d0070000 d0070000 05 b104");
    expect(
      read(
        "map",
        ...[bytes("b400 1000 01000080", text("Welcome", 8)), bytes("b500 01000080"), menu],
        ...[bytes("b600 01000080"), bytes("c400 01000080"), goods, bytes("ca00 02")],
      ),
    ).toEqual([
      { type: "ZC_SAY_DIALOG", id, text: "Welcome" },
      { type: "ZC_WAIT_DIALOG", id },
      { type: "ZC_MENU_LIST", id, choices: ["Yes", "No"] },
      { type: "ZC_CLOSE_DIALOG", id },
      { type: "ZC_SELECT_DEALTYPE", id },
      {
        type: "ZC_PC_PURCHASE_ITEMLIST",
        goods: [
          { price: 50, discounted: 40, kind: 3, item: 501 },
          { price: 2_000, discounted: 2_000, kind: 5, item: 1_201 },
        ],
      },
      { type: "ZC_PC_PURCHASE_RESULT", code: 2 },
    ]);
  });

  it("reads items on the floor", () => {
    const id = 0x8000_0001;
    const lies = bytes("9d00 01000080 8d03 01 9600 b500 0200 06 06");
    const added = bytes("d402 0500 0200 8d03 01 00 00", zeros(8), "0000 03 06", zeros(6));
    expect(read("map", lies, bytes("a100 01000080"), added)).toEqual([
      { type: "ZC_ITEM_ENTRY", id, item: 909, x: 150, y: 181, amount: 2 },
      { type: "ZC_ITEM_DISAPPEAR", id },
      { type: "ZC_ITEM_PICKUP_ACK3", index: 5, amount: 2, item: 909, code: 6 },
    ]);
  });

  it("reads a unit in each of its three shapes, with a robe or without", () => {
    const head = (opcode: string, length: number): Buffer =>
      bytes(opcode, `${length.toString(16)}00 00 81841e00 9600`, zeros(8), "0700 0200", zeros(6));
    const beforeCell = bytes("0000 0000 0300 0000 0500");
    const afterHead = bytes(zeros(13), "01");
    const end = bytes("0505", "6300 0000", text("Ann", 24));
    const unit = {
      kind: 0,
      id: 2_000_001,
      speed: 150,
      job: 7,
      hair: 2,
      hairColour: 3,
      headDirection: 5,
      sex: 1,
    };
    const cell = { x: 156, y: 191 };
    const move = { from: cell, to: { x: 150, y: 181 } };
    const rest = { cell, move: null, state: 0, level: 99, name: "Ann" };
    for (const [profile, opcodes, robe] of [
      [mainProfile, ["f907", "f807", "f707"], ""],
      [later, ["5708", "5808", "5608"], "0000"],
    ] as const) {
      const extra = robe.length / 2;
      const standing = bytes("0505 02 6300 0000", text("Ann", 24));
      const sent = bytes(
        bytes(head(opcodes[0], 87 + extra), beforeCell, robe, afterHead, "270bf4", standing),
        bytes(head(opcodes[1], 86 + extra), beforeCell, robe, afterHead, "270bf4", end),
        bytes(head(opcodes[2], 93 + extra), "01020304", beforeCell, robe, afterHead, "270bf258b588", end),
      );
      expect(packetsOf(streamAt("map", "never", profile).push(sent))).toEqual([
        { type: "ZC_NOTIFY_STANDENTRY", ...unit, ...rest, state: 2 },
        { type: "ZC_NOTIFY_NEWENTRY", ...unit, ...rest },
        { type: "ZC_NOTIFY_MOVEENTRY", ...unit, ...rest, move },
      ]);
    }
    expect(read("map", recorded.standing)).toMatchObject([
      { id: 2_000_001, cell, level: 1, name: "TestChar" },
    ]);
  });

  it("reads the list of characters by the profile's header and block", () => {
    const ann = { charId: 150_001, name: "Ann", slot: 0, hp: 40, hpMax: 41, walkSpeed: 150, level: 7 };
    expect(
      read("char", characterList(24, charBlock(150_001, "Ann", 0), charBlock(150_002, "Bob", 4))),
    ).toMatchObject([
      {
        characters: [
          { ...ann, attributes: [9, 8, 7, 6, 5, 4], map: null, deleteDate: null },
          { charId: 150_002, slot: 4 },
        ],
      },
    ]);
    const longer = streamAt("char", "never", later);
    expect(packetsOf(longer.push(characterList(27, charBlock(150_001, "Ann", 0, 132))))).toMatchObject([
      { characters: [{ ...ann, map: "izlude" }] },
    ]);
  });

  it("reads the same however the bytes are cut", () => {
    const sent = bytes(
      recorded.accountId,
      recorded.mapEntered,
      recorded.standing,
      recorded.words,
      recorded.vanished,
    );
    const whole = streamAt("map").push(sent);
    expect(whole).toHaveLength(5);
    for (let cut = 1; cut < sent.length; cut += 1) {
      const stream = streamAt("map");
      expect([...stream.push(sent.subarray(0, cut)), ...stream.push(sent.subarray(cut))]).toEqual(whole);
    }
  });

  it("can ignore packets of known length", () => {
    const items = streamAt("map").push(bytes("3a01", zeros(2), "0f01 0600 0000", recorded.timeTold));
    expect(items).toMatchObject([
      { kind: "passed-over", opcode: 0x013a, length: 4 },
      { kind: "passed-over", opcode: 0x010f, length: 6, offset: 4 },
      { kind: "packet", opcode: 0x007f, offset: 10 },
    ]);
  });
});

describe("the first four bytes", () => {
  const echo = bytes("81841e00");
  const list = characterList(24, charBlock(150_001, "Ann", 0));
  const first = { kind: "account-id", offset: 0, accountId: 2_000_001 };

  it("count as the account id if they are it, for a client that checks, however they arrive", () => {
    for (let cut = 0; cut <= 5; cut += 1) {
      const sent = bytes(echo, list);
      const stream = streamAt("char", "if-own");
      const items = [...stream.push(sent.subarray(0, cut)), ...stream.push(sent.subarray(cut))];
      expect(items).toMatchObject([first, { kind: "packet", offset: 4, opcode: 0x006b }]);
    }
    expect(streamAt("char", "if-own").push(list)).toMatchObject([
      { kind: "packet", offset: 0, opcode: 0x006b },
    ]);
  });

  it("count as it only once", () => {
    expect(streamAt("char", "if-own").push(bytes(echo, echo))).toMatchObject([
      first,
      { kind: "fault", fault: "unknown-opcode" },
    ]);
  });

  it("always count as it for a client that does not check", () => {
    expect(streamAt("char", "always").push(bytes(echo, list))).toMatchObject([first, { opcode: 0x006b }]);
    expect(streamAt("char", "always").push(bytes("01000000", list))).toMatchObject([
      { kind: "account-id", accountId: 1 },
      { kind: "fault", fault: "account-id" },
      { opcode: 0x006b },
    ]);
    const unsaid = streamAt("char", "always");
    expect(unsaid.push(bytes("6c00 00"))).toEqual([]);
    expect(unsaid.end()).toMatchObject([{ kind: "fault", fault: "truncated" }]);
  });
});

describe("nonsense", () => {
  it.each([
    ["an unknown opcode", "map", "ffff 0000", "unknown-opcode"],
    ["an opcode of the client", "map", "7d00", "unknown-opcode"],
    ["a length too short for the packet", "map", "f907 5600", "wrong-length"],
    ["a length too long for the packet", "map", "f907 5800", "wrong-length"],
    ["half a world", "login", "6900 4e00", "wrong-length"],
    ["half a character", "char", "6b00 8700", "wrong-length"],
    ["a length without its own four bytes", "map", "8e00 0300", "wrong-length"],
  ] as const)("is %s, and nothing is read after it", (_, door, hex, fault) => {
    const stream = streamAt(door);
    expect(stream.push(bytes(recorded.kicked, hex))).toMatchObject([
      { opcode: 0x0081 },
      { kind: "fault", fault, offset: 3 },
    ]);
    expect(stream.isBroken).toBe(true);
    expect([...stream.push(recorded.kicked), ...stream.end()]).toEqual([]);
  });

  it("is a packet of another door, or a text beyond its end, and both are still read", () => {
    expect(streamAt("char").push(recorded.timeTold)).toMatchObject([
      { kind: "packet" },
      { kind: "fault", fault: "wrong-door" },
    ]);
    const leaking = bytes("9500 80841e00", text("Ann\0leak", 24));
    const unended = bytes("8e00 0600 4142");
    const endedEarly = bytes("8e00 0800 41004200");
    const noMap = bytes("9100", text("prontera", 16), "0100 0100");
    for (const sent of [leaking, unended, endedEarly, noMap]) {
      expect(streamAt("map").push(sent)).toMatchObject([
        { kind: "packet" },
        { kind: "fault", fault: "text" },
      ]);
    }
  });

  it("is a packet that the end of the connection cuts off", () => {
    const stream = streamAt("map");
    expect(stream.push(recorded.timeTold.subarray(0, 5))).toEqual([]);
    expect(stream.end()).toMatchObject([{ kind: "fault", fault: "truncated" }]);
  });
});
