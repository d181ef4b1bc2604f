import {
  blocks,
  type Fields,
  ipv4,
  orElse,
  sex,
  text,
  u8,
  u16,
  u32,
  unused,
  zero16,
  zero32,
} from "./field.ts";
import { toEveryClient } from "./login-packets.ts";
import { definePackets } from "./packet-table.ts";
import { passedOver } from "./passed-over.ts";

const ids = { accountId: u32(), loginId1: u32(), loginId2: u32() };

/**
 * Clients with this PACKETVER or a newer one reserve a deletion before they delete. Their list of characters
 * shows the date of the deletion. The older packet for a deletion is also accepted.
 */
const reservedDeletion = 20100803;

/** Packets from the client to the char-server. */
export const fromCharClient = definePackets({
  CH_ENTER: {
    doc: "Shows the login ids. The first packet on the connection. After `ZC_RESTART_ACK` the client shows the same ids again.",
    versions: [
      { opcode: 0x0065, length: 17, fields: { ...ids, clientType: u16(), sex: sex() } },
      {
        name: "CH_ENTER2",
        opcode: 0x0275,
        length: 37,
        fields: { ...ids, clientType: u16(), sex: sex(), _mac: unused(16), _accountSid: unused(4) },
      },
    ],
  },
  CH_SELECT_CHAR: {
    doc: "Chooses a character.",
    versions: [{ opcode: 0x0066, length: 3, fields: { slot: u8("0-based") } }],
  },
  CH_MAKE_CHAR: {
    doc: "Creates a character.",
    versions: [
      {
        opcode: 0x0067,
        length: 37,
        fields: {
          name: text(24),
          str: u8(),
          agi: u8(),
          vit: u8(),
          int: u8(),
          dex: u8(),
          luk: u8(),
          slot: u8("0-based"),
          hairColour: u16(),
          hairStyle: u16(),
        },
      },
    ],
  },
  CH_DELETE_CHAR: {
    doc: "Deletes a character, for good.",
    versions: [
      { opcode: 0x0068, length: 46, fields: { charId: u32(), email: text(40) } },
      {
        name: "CH_DELETE_CHAR2",
        opcode: 0x01fb,
        length: 56,
        fields: { charId: u32(), email: text(50) },
      },
    ],
  },
  CH_DELETE_CHAR3_RESERVED: {
    doc: "Reserves the deletion of a character.",
    versions: [{ since: reservedDeletion, opcode: 0x0827, length: 6, fields: { charId: u32() } }],
  },
  CH_DELETE_CHAR3: {
    doc: "Deletes a character for good, after the waiting time.",
    versions: [
      {
        since: reservedDeletion,
        opcode: 0x0829,
        length: 12,
        fields: { charId: u32(), birthDate: text(6, "`YYMMDD`") },
      },
    ],
  },
  CH_DELETE_CHAR3_CANCEL: {
    doc: "Cancels the reserved deletion of a character.",
    versions: [{ since: reservedDeletion, opcode: 0x082b, length: 6, fields: { charId: u32() } }],
  },
});

export const passedOverAtChar = definePackets({
  PING: passedOver([0x0187, 6]),
  CA_EXE_HASHCHECK: passedOver([0x0204, 18]),
  CA_REQ_GAME_GUARD_CHECK: passedOver([0x0258, 2]),
  CH_REQ_IS_VALID_CHARNAME: passedOver([0x028d, 34]),
  CH_REQ_CHANGE_CHARNAME: passedOver([0x028f, 6]),
});

const character = {
  charId: u32(),
  exp: zero32(),
  zeny: zero32(),
  jobExp: zero32(),
  jobLevel: u32(),
  opt1: zero32(),
  opt2: zero32(),
  option: zero32(),
  karma: zero32(),
  manner: zero32(),
  statusPoints: zero16(),
  hp: u32(),
  maxHp: u32(),
  sp: u16(),
  maxSp: u16(),
  speed: u16("ms a cell"),
  job: zero16(),
  hairStyle: u16(),
  weapon: zero16(),
  level: u16(),
  skillPoints: zero16(),
  headLow: zero16(),
  shield: zero16(),
  headTop: zero16(),
  headMid: zero16(),
  hairColour: u16(),
  clothesColour: zero16(),
  name: text(24),
  str: u8(),
  agi: u8(),
  vit: u8(),
  int: u8(),
  dex: u8(),
  luk: u8(),
  slot: u16(),
  renamed: u16("0 if the character may be renamed"),
};
const characterWithMap = {
  ...character,
  map: text(16, "like `prontera.gat`"),
  deleteAfterS: zero32(
    "when the character may be deleted, in seconds since 1970; 0 if no deletion is reserved",
  ),
};
const slots = { slotCount: u8(), premiumFrom: u8(), premiumTo: u8() };

/** The first twenty bytes of the list have no meaning. */
const accepted = <C extends Fields>(of: C) => ({ _zero: unused(20), characters: blocks(of) });

/** Packets from the char-server to the client. */
export const toCharClient = definePackets({
  ...toEveryClient,
  HC_ACCOUNT_ID: {
    doc: "The account id and nothing else, not even an opcode; before any other answer.",
    versions: [{ opcode: null, length: 4, fields: { accountId: u32() } }],
  },
  HC_ACCEPT_ENTER: {
    doc: "The characters of the account. A client of this family hangs on an empty list.",
    versions: [
      { until: 20040705, opcode: 0x006b, length: "variable", fields: { ...slots, ...accepted(character) } },
      { since: 20040705, until: 20100413, opcode: 0x006b, length: "variable", fields: accepted(character) },
      {
        since: 20100413,
        until: 20100803,
        opcode: 0x006b,
        length: "variable",
        fields: { ...slots, ...accepted(character) },
      },
      {
        since: 20100803,
        opcode: 0x006b,
        length: "variable",
        fields: { ...slots, ...accepted(characterWithMap) },
      },
    ],
  },
  HC_REFUSE_ENTER: {
    doc: "The login ids, or a chosen slot, are refused.",
    versions: [{ opcode: 0x006c, length: 3, fields: { code: u8() } }],
  },
  HC_ACCEPT_MAKECHAR: {
    doc: "The character was created.",
    versions: [
      { until: 20100803, opcode: 0x006d, length: 114, fields: character },
      { since: 20100803, opcode: 0x006d, length: 134, fields: characterWithMap },
    ],
  },
  HC_REFUSE_MAKECHAR: {
    doc: "The character was not created.",
    versions: [{ opcode: 0x006e, length: 3, fields: { code: u8("0 the name is taken, 0xff denied") } }],
  },
  HC_ACCEPT_DELETECHAR: {
    doc: "The character was deleted.",
    versions: [{ opcode: 0x006f, length: 2, fields: {} }],
  },
  HC_REFUSE_DELETECHAR: {
    doc: "The character was not deleted.",
    versions: [{ opcode: 0x0070, length: 3, fields: { code: orElse(u8(), 0) } }],
  },
  HC_DELETE_CHAR3_RESERVED: {
    doc: "Answers `CH_DELETE_CHAR3_RESERVED`.",
    versions: [
      {
        since: reservedDeletion,
        opcode: 0x0828,
        length: 14,
        fields: {
          charId: u32(),
          code: u32("1 reserved, 3 not"),
          deleteAfterS: zero32("since 1970, in seconds: when it may be deleted; 0 with every failure"),
        },
      },
    ],
  },
  HC_DELETE_CHAR3: {
    doc: "Answers `CH_DELETE_CHAR3`.",
    versions: [
      {
        since: reservedDeletion,
        opcode: 0x082a,
        length: 10,
        fields: {
          charId: u32(),
          code: u32("1 deleted, 3 not, 4 not reserved or not yet, 5 not the birth date"),
        },
      },
    ],
  },
  HC_DELETE_CHAR3_CANCEL: {
    doc: "Answers `CH_DELETE_CHAR3_CANCEL`.",
    versions: [
      {
        since: reservedDeletion,
        opcode: 0x082c,
        length: 10,
        fields: { charId: u32(), code: u32("1 not reserved any more, 2 still") },
      },
    ],
  },
  HC_NOTIFY_ZONESVR: {
    doc: "The map-server that expects the client.",
    versions: [
      {
        opcode: 0x0071,
        length: 28,
        fields: { charId: u32(), map: text(16, "like `prontera.gat`"), host: ipv4(), port: u16() },
      },
    ],
  },
});
