import {
  type Fields,
  ipv4,
  move6,
  orElse,
  pos3,
  restLine,
  restText,
  sex,
  text,
  u8,
  u16,
  u32,
  zero8,
  zero16,
  zero32,
} from "./field.ts";
import { toGamemaster } from "./gamemaster-packets.ts";
import { toEveryClient } from "./login-packets.ts";
import { fromNpcsToMapClient } from "./npc-packets.ts";
import { definePackets } from "./packet-table.ts";

/** The first PACKETVERs with the second and with the third layout of units. */
const units2009 = 20091103;
const units2010 = 20101124;

const kind = zero8("0 a player, 5 a monster, 6 an NPC");
const state = {
  id: u32("a player's account id, or an actor id"),
  speed: u16("ms a cell"),
  opt1: zero16(),
  opt2: zero16(),
  option: zero32(),
};
const look = {
  job: zero16("or class"),
  hairStyle: u16(),
  weapon: zero16(),
  shield: zero16(),
  headLow: zero16(),
};
const head = {
  headTop: zero16(),
  headMid: zero16(),
  hairColour: u16(),
  clothesColour: zero16(),
  headDir: zero16(),
};
const robe = { robe: zero16() };
const guild = {
  guild: zero32(),
  emblem: zero16(),
  manner: zero16(),
  opt3: zero32(),
  karma: zero8(),
  sex: sex(),
};
const size = { sizeX: orElse(u8(), 5), sizeY: orElse(u8(), 5) };
const level = { level: u16() };
const named = { font: zero16(), name: text(24) };

/**
 * The three layouts of a unit (an actor). The second layout adds a kind and a name. The third layout adds a
 * robe.
 */
function unitVersions<Begun extends Fields, Where extends Fields, Posture extends Fields>(unit: {
  readonly opcodes: readonly [number, number, number];
  /** The length of the first layout. The other two layouts have a variable length. */
  readonly length: number;
  readonly begun: Begun;
  readonly where: Where;
  readonly posture: Posture;
}) {
  const [first, second, third] = unit.opcodes;
  const above = { ...state, ...look, ...unit.begun, ...head };
  const below = { ...guild, ...unit.where, ...size, ...unit.posture, ...level };
  return [
    { until: units2009, opcode: first, length: unit.length, fields: { ...above, ...below } },
    {
      since: units2009,
      until: units2010,
      opcode: second,
      length: "variable",
      fields: { kind, ...above, ...below, ...named },
    },
    {
      since: units2010,
      opcode: third,
      length: "variable",
      fields: { kind, ...above, ...robe, ...below, ...named },
    },
  ] as const;
}

const mapAndCell = { map: text(16, "like `prontera.gat`"), x: u16(), y: u16() };

/** Packets from the map-server to the client. */
export const toMapClient = definePackets({
  ...toEveryClient,
  ZC_AID: {
    doc: "The account id; before any other answer.",
    versions: [
      { until: 20070521, opcode: null, length: 4, fields: { accountId: u32() } },
      { since: 20070521, opcode: 0x0283, length: 6, fields: { accountId: u32() } },
    ],
  },
  ZC_ACCEPT_ENTER: {
    doc: "The client is in the world. It loads the map, then sends `CZ_NOTIFY_ACTORINIT`.",
    versions: [
      { until: 20080102, opcode: 0x0073, length: 11, fields: { tick: u32(), at: pos3(), ...size } },
      {
        since: 20080102,
        name: "ZC_ACCEPT_ENTER2",
        opcode: 0x02eb,
        length: 13,
        fields: { tick: u32(), at: pos3(), ...size, font: zero16() },
      },
    ],
  },
  ZC_REFUSE_ENTER: {
    doc: "The map-server does not expect the client.",
    versions: [
      { opcode: 0x0074, length: 3, fields: { code: u8("0 client type, 1 ids, 2 too late, 3 already in") } },
    ],
  },
  ZC_NOTIFY_TIME: {
    doc: "The server's clock, in ms modulo 2^32.",
    versions: [{ opcode: 0x007f, length: 6, fields: { tick: u32() } }],
  },
  ZC_NOTIFY_STANDENTRY: {
    doc: "Somebody stands in view.",
    versions: unitVersions({
      opcodes: [0x022a, 0x07f9, 0x0857],
      length: 58,
      begun: {},
      where: { at: pos3() },
      posture: { posture: zero8("0 stands, 1 dead, 2 sits") },
    }),
  },
  ZC_NOTIFY_NEWENTRY: {
    doc: "Somebody comes into the world within view.",
    versions: unitVersions({
      opcodes: [0x022b, 0x07f8, 0x0858],
      length: 57,
      begun: {},
      where: { at: pos3() },
      posture: {},
    }),
  },
  ZC_NOTIFY_MOVEENTRY: {
    doc: "Somebody walks into view. Clients ignore walks of more than 17 cells.",
    versions: unitVersions({
      opcodes: [0x022c, 0x07f7, 0x0856],
      length: 64,
      begun: { tick: u32("when the walk began") },
      where: { leg: move6() },
      posture: {},
    }),
  },
  ZC_NOTIFY_MOVE: {
    doc: "Somebody already in view walks.",
    versions: [{ opcode: 0x0086, length: 16, fields: { id: u32(), leg: move6(), tick: u32() } }],
  },
  ZC_NOTIFY_PLAYERMOVE: {
    doc: "The client's own character walks.",
    versions: [{ opcode: 0x0087, length: 12, fields: { tick: u32(), leg: move6() } }],
  },
  ZC_STOPMOVE: {
    doc: "Somebody stands still on a cell.",
    versions: [{ opcode: 0x0088, length: 10, fields: { id: u32(), x: u16(), y: u16() } }],
  },
  ZC_NOTIFY_VANISH: {
    doc: "An actor is no longer in view.",
    versions: [
      {
        opcode: 0x0080,
        length: 7,
        fields: { id: u32(), code: u8("0 out of sight, 1 died, 2 logged out, 3 teleported") },
      },
    ],
  },
  ZC_ACK_REQNAME: {
    doc: "Somebody's name.",
    versions: [{ opcode: 0x0095, length: 30, fields: { id: u32(), name: text(24) } }],
  },
  ZC_ACK_REQNAMEALL: {
    doc: "Somebody's name, and what they belong to.",
    versions: [
      {
        opcode: 0x0195,
        length: 102,
        fields: { id: u32(), name: text(24), party: text(24), guild: text(24), title: text(24) },
      },
    ],
  },
  ZC_NOTIFY_CHAT: {
    doc: "Somebody speaks.",
    versions: [
      { opcode: 0x008d, length: "variable", fields: { id: u32(), line: restLine("`Name : text`") } },
    ],
  },
  ZC_NOTIFY_PLAYERCHAT: {
    doc: "The client's own character speaks.",
    versions: [{ opcode: 0x008e, length: "variable", fields: { line: restLine("`Name : text`") } }],
  },
  ZC_WHISPER: {
    doc: "Somebody speaks to the client alone.",
    versions: [
      { until: 20091104, opcode: 0x0097, length: "variable", fields: { from: text(24), text: restText() } },
      {
        since: 20091104,
        opcode: 0x0097,
        length: "variable",
        fields: { from: text(24), flag: zero32(), text: restText() },
      },
    ],
  },
  ZC_ACK_WHISPER: {
    doc: "Answers `CZ_WHISPER`.",
    versions: [
      { opcode: 0x0098, length: 3, fields: { code: u8("0 arrived, 1 nobody of that name is there") } },
    ],
  },
  ZC_CHANGE_DIRECTION: {
    doc: "Somebody turns.",
    versions: [{ opcode: 0x009c, length: 9, fields: { id: u32(), head: u16(), dir: u8() } }],
  },
  ZC_EMOTION: {
    doc: "Somebody shows an emotion.",
    versions: [{ opcode: 0x00c0, length: 7, fields: { id: u32(), emotion: u8() } }],
  },
  ZC_NPCACK_MAPMOVE: {
    doc: "The character goes to another map of the same server. The client forgets the actors in view, and answers with `CZ_NOTIFY_ACTORINIT`.",
    versions: [{ opcode: 0x0091, length: 22, fields: mapAndCell }],
  },
  ZC_NPCACK_SERVERMOVE: {
    doc: "Another map-server expects the client, with the same ids. The client closes the connection.",
    versions: [{ opcode: 0x0092, length: 28, fields: { ...mapAndCell, host: ipv4(), port: u16() } }],
  },
  ZC_RESTART_ACK: {
    doc: "The client has to go on to character select, with the same ids. It closes the connection.",
    versions: [{ opcode: 0x00b3, length: 3, fields: { to: u8("1 character select") } }],
  },
  ZC_ACK_REQ_DISCONNECT: {
    doc: "Answers `CZ_REQ_DISCONNECT`.",
    versions: [{ opcode: 0x018b, length: 4, fields: { code: u16("0 leave, 1 not now") } }],
  },
  ZC_PAR_CHANGE: {
    doc: "One number of the character.",
    versions: [
      {
        opcode: 0x00b0,
        length: 8,
        fields: {
          parameter: u16("0 speed, 5 hp, 6 maxhp, 7 sp, 8 maxsp, 11 level, 24 weight, …"),
          value: u32(),
        },
      },
    ],
  },
  ZC_STATUS: {
    doc: "The character's points, and what it has in battle.",
    versions: [
      {
        opcode: 0x00bd,
        length: 44,
        fields: {
          points: zero16(),
          str: u8(),
          strCost: u8(),
          agi: u8(),
          agiCost: u8(),
          vit: u8(),
          vitCost: u8(),
          int: u8(),
          intCost: u8(),
          dex: u8(),
          dexCost: u8(),
          luk: u8(),
          lukCost: u8(),
          attack: zero16(),
          attackPlus: zero16(),
          magicAttackMax: zero16(),
          magicAttackMin: zero16(),
          defence: zero16(),
          defencePlus: zero16(),
          magicDefence: zero16(),
          magicDefencePlus: zero16(),
          hit: zero16(),
          flee: zero16(),
          fleePlus: zero16(),
          critical: zero16(),
          attackDelay: zero16(),
          attackDelayPlus: zero16(),
        },
      },
    ],
  },
  ZC_COUPLESTATUS: {
    doc: "One point of the character, and what is added to it. Real servers always send these after the belongings.",
    versions: [
      {
        opcode: 0x0141,
        length: 14,
        fields: { parameter: u32("13 str to 18 luk"), value: u32(), plus: zero32() },
      },
    ],
  },
  ...fromNpcsToMapClient,
  ...toGamemaster,
});
