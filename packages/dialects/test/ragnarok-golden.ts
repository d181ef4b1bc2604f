import type {
  fromCharClient,
  fromLoginClient,
  fromMapClient,
  toCharClient,
  toLoginClient,
  toMapClient,
} from "../src/ragnarok/index.ts";
import { bytesOf } from "./ragnarok-bytes.ts";
import { goldenFromGamemaster, goldenToGamemaster } from "./ragnarok-golden-gamemaster.ts";
import { goldenFromNpcs, goldenToNpcs } from "./ragnarok-golden-npcs.ts";
import { bothOf2010, december, type Golden, golden, january, old } from "./ragnarok-golden-row.ts";

const login = golden<typeof fromLoginClient>();
const credentials = { version: 25, name: "testuser", password: "testpass", clientType: 1 };
const testuser = `19000000 "testuser" 00*16 "testpass" 00*16 01`;
const hashed = { version: 25, name: "testuser", clientType: 1 };
const digest = `19000000 "testuser" 00*16 00*16 01`;

const char = golden<typeof fromCharClient>();
const shown = {
  accountId: 2_000_001,
  loginId1: 0x1111_9077,
  loginId2: 0x2222_c264,
  clientType: 0,
  sex: "female",
} as const;

const map = golden<typeof fromMapClient>();
const entering = {
  accountId: 2_000_001,
  charId: 150_001,
  loginId1: 0x1111_9077,
  clientTick: 0x0135_2f16,
  sex: "female",
} as const;
const walkTo = { to: { x: 150, y: 181, dir: 0 } };
const hello = { line: bytesOf(`"TestChar : hello from A"`) };

export const goldenFromClients = {
  login: [
    login("CA_LOGIN", credentials, `6400 ${testuser}`),
    login("CA_LOGIN", credentials, `7702 ${testuser} 00*16 00*13`),
    login("CA_LOGIN", credentials, `b002 ${testuser} 00*16 00*13 00`),
    login("CA_REQ_HASH", {}, "db01"),
    login("CA_LOGIN2", hashed, `dd01 ${digest}`),
    login("CA_LOGIN2", hashed, `fa01 ${digest} 00`),
    login("CA_LOGIN2", hashed, `7c02 ${digest} 00*13`),
  ],
  char: [
    char("CH_ENTER", shown, "6500 81841e00 77901111 64c22222 0000 00"),
    char("CH_ENTER", shown, "7502 81841e00 77901111 64c22222 0000 00 00*16 00*4"),
    char("CH_SELECT_CHAR", { slot: 2 }, "6600 02"),
    char(
      "CH_MAKE_CHAR",
      {
        name: "Ada",
        str: 5,
        agi: 6,
        vit: 7,
        int: 8,
        dex: 9,
        luk: 1,
        slot: 3,
        hairColour: 4,
        hairStyle: 19,
      },
      `6700 "Ada" 00*21 05 06 07 08 09 01 03 0400 1300`,
    ),
    char("CH_DELETE_CHAR", { charId: 150_001, email: "a@a.com" }, `6800 f1490200 "a@a.com" 00*33`),
    char("CH_DELETE_CHAR", { charId: 150_001, email: "a@a.com" }, `fb01 f1490200 "a@a.com" 00*43`),
    char("CH_DELETE_CHAR3_RESERVED", { charId: 150_001 }, "2708 f1490200", december),
    char("CH_DELETE_CHAR3", { charId: 150_001, birthDate: "850231" }, `2908 f1490200 "850231"`, december),
    char("CH_DELETE_CHAR3_CANCEL", { charId: 150_001 }, "2b08 f1490200", december),
  ],
  map: [
    ...goldenToNpcs,
    ...goldenFromGamemaster,
    map("CZ_ENTER", entering, "7200 81841e00 f1490200 77901111 162f3501 00", old),
    map("CZ_ENTER", entering, "3604 81841e00 f1490200 77901111 162f3501 00", bothOf2010),
    map("CZ_NOTIFY_ACTORINIT", {}, "7d00"),
    map("CZ_REQUEST_TIME", { clientTick: 0x0135_2f24 }, "7e00 242f3501", old),
    map("CZ_REQUEST_TIME", { clientTick: 0x0135_2f24 }, "8900 0000000000 242f3501", bothOf2010),
    map("CZ_REQUEST_TIME", { clientTick: 0x0135_2f24 }, "6003 242f3501", december),
    map("CZ_REQUEST_MOVE", walkTo, "8500 258b50", old),
    map("CZ_REQUEST_MOVE", walkTo, "a700 00000000 258b50", bothOf2010),
    map("CZ_REQUEST_MOVE", walkTo, "5f03 258b50", december),
    map("CZ_REQNAME", { id: 2_000_000 }, "9400 80841e00", old),
    map("CZ_REQNAME", { id: 2_000_000 }, "8c00 0000000000000000 80841e00", bothOf2010),
    map("CZ_REQNAME", { id: 2_000_000 }, "6803 80841e00", december),
    map("CZ_REQUEST_CHAT", hello, `8c00 1c00 "TestChar : hello from A" 00`, old),
    map("CZ_REQUEST_CHAT", hello, `f300 1c00 "TestChar : hello from A" 00`, bothOf2010),
    map("CZ_WHISPER", { to: "Ada", text: "hi" }, `9600 1f00 "Ada" 00*21 "hi" 00`),
    map("CZ_CHANGE_DIRECTION", { head: 1, dir: 6 }, "9b00 0100 06", old),
    map("CZ_CHANGE_DIRECTION", { head: 1, dir: 6 }, "8500 0000 01 00000000 06", bothOf2010),
    map("CZ_CHANGE_DIRECTION", { head: 1, dir: 6 }, "6103 0100 06", december),
    map("CZ_REQUEST_ACT", { target: 2_000_000, action: 7 }, "8900 80841e00 07", old),
    map("CZ_REQUEST_ACT", { target: 2_000_000, action: 7 }, "3704 80841e00 07", bothOf2010),
    map("CZ_REQ_EMOTION", { emotion: 3 }, "bf00 03"),
    map("CZ_REQ_GUILD_MENU", { page: 0 }, "4f01 00000000"),
    map("CZ_RESTART", { to: 1 }, "b200 01"),
    map("CZ_REQ_DISCONNECT", { reason: 0 }, "8a01 0000"),
  ],
} satisfies Record<string, readonly Golden[]>;

const toLogin = golden<typeof toLoginClient>();
const toChar = golden<typeof toCharClient>();
const toMap = golden<typeof toMapClient>();

const character = {
  charId: 150_001,
  jobLevel: 2,
  hp: 40,
  maxHp: 41,
  sp: 11,
  maxSp: 12,
  speed: 150,
  hairStyle: 1,
  hairColour: 2,
  level: 3,
  name: "TestChar",
  str: 1,
  agi: 2,
  vit: 3,
  int: 4,
  dex: 5,
  luk: 6,
  slot: 7,
  renamed: 1,
} as const;
const block = `f1490200 00*12 02000000 00*20 0000 28000000 29000000 0b00 0c00 9600 0000 0100 0000 0300 0000
  00*8 0200 0000 "TestChar" 00*16 01 02 03 04 05 06 0700 0100`;
const blockWithMap = `${block} "prontera.gat" 00*4 00*4`;
const withMap = { ...character, map: "prontera.gat" };
const slots = { slotCount: 9, premiumFrom: 8, premiumTo: 7 };

const looks = { id: 2_000_001, speed: 150, hairStyle: 1, hairColour: 3, sex: "female", level: 1 } as const;
const standing = { ...looks, name: "TestChar", at: { x: 156, y: 191, dir: 4 } };
const leg = { from: { x: 156, y: 191 }, to: { x: 150, y: 181 } };
const walking = { ...looks, name: "TestChar", leg, tick: 0x0027_62d9 };
/** The fields are speed, three kinds of options, job, hair, weapon, shield and lower head. */
const toHeadLow = "81841e00 9600 0000 0000 00000000 0000 0100 0000 0000 0000";
/** The fields are upper head, middle head, two colours and the direction of the head. */
const toHeadDir = "0000 0000 0300 0000 0000";
/** The fields are guild, emblem, manner, a fourth kind of options, karma, and the sex: female. */
const toSex = "00000000 0000 0000 00000000 00 00";
const name24 = `"TestChar" 00*16`;

export const goldenToClients = {
  login: [
    toLogin("SC_NOTIFY_BAN", { code: 1 }, "8100 01"),
    toLogin(
      "AC_ACCEPT_LOGIN",
      {
        loginId1: 0x1111_9077,
        accountId: 2_000_001,
        loginId2: 0x2222_c264,
        sex: "female",
        worlds: [{ host: "127.0.0.1", port: 0x6915, name: "MockWorld", players: 0 }],
      },
      `6900 4f00 77901111 81841e00 64c22222 00000000 00*26 00 7f000001 1569 "MockWorld" 00*11 0000 0000 0000`,
    ),
    toLogin("AC_REFUSE_LOGIN", { code: 1 }, "6a00 01 00*20"),
    toLogin("AC_REFUSE_LOGIN", { code: 6, until: "2010-01-05 12:34" }, `6a00 06 "2010-01-05 12:34" 00*4`),
    toLogin("AC_ACK_HASH", { salt: Uint8Array.of(1, 2, 0xff) }, "dc01 0700 01 02 ff"),
  ],
  char: [
    toChar("SC_NOTIFY_BAN", { code: 2 }, "8100 02"),
    toChar("HC_ACCOUNT_ID", { accountId: 2_000_001 }, "81841e00"),
    toChar("HC_ACCEPT_ENTER", { ...slots, characters: [withMap] }, `6b00 8b00 09 08 07 00*20 ${block}`, old),
    toChar("HC_ACCEPT_ENTER", { ...slots, characters: [withMap] }, `6b00 8800 00*20 ${block}`, january),
    toChar(
      "HC_ACCEPT_ENTER",
      { ...slots, characters: [withMap, withMap] },
      `6b00 2301 09 08 07 00*20 ${blockWithMap} ${blockWithMap}`,
      december,
    ),
    toChar("HC_REFUSE_ENTER", { code: 0 }, "6c00 00"),
    toChar("HC_ACCEPT_MAKECHAR", withMap, `6d00 ${block}`, [0, 20100105]),
    toChar("HC_ACCEPT_MAKECHAR", withMap, `6d00 ${blockWithMap}`, december),
    toChar("HC_REFUSE_MAKECHAR", { code: 0xff }, "6e00 ff"),
    toChar("HC_ACCEPT_DELETECHAR", {}, "6f00"),
    toChar("HC_REFUSE_DELETECHAR", {}, "7000 00"),
    toChar(
      "HC_DELETE_CHAR3_RESERVED",
      { charId: 150_001, code: 1, deleteAfterS: 0x4d1a_0203 },
      "2808 f1490200 01000000 03021a4d",
      december,
    ),
    toChar("HC_DELETE_CHAR3", { charId: 150_001, code: 5 }, "2a08 f1490200 05000000", december),
    toChar("HC_DELETE_CHAR3_CANCEL", { charId: 150_001, code: 1 }, "2c08 f1490200 01000000", december),
    toChar(
      "HC_NOTIFY_ZONESVR",
      { charId: 150_001, map: "prontera.gat", host: "127.0.0.1", port: 0x6916 },
      `7100 f1490200 70726f6e746572612e67617400000000 7f000001 1669`,
    ),
  ],
  map: [
    ...goldenFromNpcs,
    ...goldenToGamemaster,
    toMap("SC_NOTIFY_BAN", { code: 15 }, "8100 0f"),
    toMap("ZC_AID", { accountId: 2_000_001 }, "81841e00", old),
    toMap("ZC_AID", { accountId: 2_000_001 }, "8302 81841e00", bothOf2010),
    toMap("ZC_ACCEPT_ENTER", { tick: 0x0027_4eaa, at: standing.at }, "7300 aa4e2700 270bf4 05 05", old),
    toMap(
      "ZC_ACCEPT_ENTER",
      { tick: 0x0027_4eaa, at: standing.at },
      "eb02 aa4e2700 270bf4 05 05 0000",
      bothOf2010,
    ),
    toMap("ZC_REFUSE_ENTER", { code: 3 }, "7400 03"),
    toMap("ZC_NOTIFY_TIME", { tick: 0x0027_4eb9 }, "7f00 b94e2700"),
    toMap(
      "ZC_NOTIFY_STANDENTRY",
      standing,
      `2a02 ${toHeadLow} ${toHeadDir} ${toSex} 270bf4 05 05 00 0100`,
      old,
    ),
    toMap(
      "ZC_NOTIFY_STANDENTRY",
      { ...standing, hairColour: 0 },
      `f907 5700 00 81841e00 9600 0000 0000 00000000 0000 0100 00*16 00000000 0000 0000 00000000 00 00 270bf4 05 05
       00 0100 0000 ${name24}`,
      january,
    ),
    toMap(
      "ZC_NOTIFY_STANDENTRY",
      standing,
      `5708 5900 00 ${toHeadLow} ${toHeadDir} 0000 ${toSex} 270bf4 05 05 00 0100 0000 ${name24}`,
      december,
    ),
    toMap("ZC_NOTIFY_NEWENTRY", standing, `2b02 ${toHeadLow} ${toHeadDir} ${toSex} 270bf4 05 05 0100`, old),
    toMap(
      "ZC_NOTIFY_NEWENTRY",
      standing,
      `f807 5600 00 ${toHeadLow} ${toHeadDir} ${toSex} 270bf4 05 05 0100 0000 ${name24}`,
      january,
    ),
    toMap(
      "ZC_NOTIFY_NEWENTRY",
      standing,
      `5808 5800 00 ${toHeadLow} ${toHeadDir} 0000 ${toSex} 270bf4 05 05 0100 0000 ${name24}`,
      december,
    ),
    toMap(
      "ZC_NOTIFY_MOVEENTRY",
      walking,
      `2c02 ${toHeadLow} d9622700 ${toHeadDir} ${toSex} 270bf258b588 05 05 0100`,
      old,
    ),
    toMap(
      "ZC_NOTIFY_MOVEENTRY",
      walking,
      `f707 5d00 00 ${toHeadLow} d9622700 ${toHeadDir} ${toSex} 270bf258b588 05 05 0100 0000 ${name24}`,
      january,
    ),
    toMap(
      "ZC_NOTIFY_MOVEENTRY",
      walking,
      `5608 5f00 00 ${toHeadLow} d9622700 ${toHeadDir} 0000 ${toSex} 270bf258b588 05 05 0100 0000 ${name24}`,
      december,
    ),
    toMap("ZC_NOTIFY_MOVE", { id: 2_000_000, leg, tick: 0x0027_62d9 }, "8600 80841e00 270bf258b588 d9622700"),
    toMap("ZC_NOTIFY_PLAYERMOVE", { tick: 0x0027_62d9, leg }, "8700 d9622700 270bf258b588"),
    toMap("ZC_STOPMOVE", { id: 2_000_000, x: 156, y: 391 }, "8800 80841e00 9c00 8701"),
    toMap("ZC_NOTIFY_VANISH", { id: 2_000_000, code: 3 }, "8000 80841e00 03"),
    toMap("ZC_ACK_REQNAME", { id: 2_000_000, name: "TestChar" }, `9500 80841e00 546573744368617200 00*15`),
    toMap(
      "ZC_ACK_REQNAMEALL",
      { id: 2_000_000, name: "TestChar", party: "Ps", guild: "G", title: "T" },
      `9501 80841e00 ${name24} "Ps" 00*22 "G" 00*23 "T" 00*23`,
    ),
    toMap("ZC_NOTIFY_CHAT", { id: 2_000_000, ...hello }, `8d00 2000 80841e00 "TestChar : hello from A" 00`),
    toMap("ZC_NOTIFY_PLAYERCHAT", hello, `8e00 1c00 "TestChar : hello from A" 00`),
    toMap("ZC_WHISPER", { from: "Ada", text: "hi" }, `9700 1f00 "Ada" 00*21 "hi" 00`, old),
    toMap("ZC_WHISPER", { from: "Ada", text: "hi" }, `9700 2300 "Ada" 00*21 00000000 "hi" 00`, bothOf2010),
    toMap("ZC_ACK_WHISPER", { code: 1 }, "9800 01"),
    toMap("ZC_CHANGE_DIRECTION", { id: 2_000_000, head: 2, dir: 6 }, "9c00 80841e00 0200 06"),
    toMap("ZC_EMOTION", { id: 2_000_000, emotion: 3 }, "c000 80841e00 03"),
    toMap(
      "ZC_NPCACK_MAPMOVE",
      { map: "prt_fild08.gat", x: 170, y: 370 },
      "9100 7072745f66696c6430382e6761740000 aa00 7201",
    ),
    toMap(
      "ZC_NPCACK_SERVERMOVE",
      { map: "izlude.gat", x: 128, y: 114, host: "127.0.0.1", port: 0x6917 },
      "9200 697a6c7564652e676174000000000000 8000 7200 7f000001 1769",
    ),
    toMap("ZC_RESTART_ACK", { to: 1 }, "b300 01"),
    toMap("ZC_ACK_REQ_DISCONNECT", { code: 1 }, "8b01 0100"),
    toMap("ZC_PAR_CHANGE", { parameter: 24, value: 20_000 }, "b000 1800 204e0000"),
    toMap(
      "ZC_STATUS",
      {
        str: 1,
        strCost: 2,
        agi: 3,
        agiCost: 4,
        vit: 5,
        vitCost: 6,
        int: 7,
        intCost: 8,
        dex: 9,
        dexCost: 10,
        luk: 11,
        lukCost: 12,
        attack: 13,
        hit: 14,
        attackDelay: 500,
      },
      "bd00 0000 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d00 00*14 0e00 0000 0000 0000 f401 0000",
    ),
    toMap("ZC_COUPLESTATUS", { parameter: 13, value: 5, plus: 1 }, "4101 0d000000 05000000 01000000"),
  ],
} satisfies Record<string, readonly Golden[]>;
