import { type Character, readCharacter } from "./character.ts";
import type { Fields } from "./fields.ts";
import type { Profile } from "./profile.ts";
import { readUnit, unitLengths } from "./unit.ts";

export type Door = "login" | "char" | "map";

/**
 * A length that the packet itself contains. This length is `least` plus any multiple of `each`. If `each` is
 * 0, the length is exactly `least`.
 */
export interface SaidLength {
  readonly least: number;
  readonly each: number;
}

export interface Row<Type extends string = string, Content extends object = object> {
  readonly opcode: number;
  readonly type: Type;
  readonly doors: readonly Door[];
  readonly length: number | SaidLength;
  read(fields: Fields): Content;
}

function row<const Type extends string, Content extends object>(
  opcode: number,
  type: Type,
  door: Door | "any",
  length: number | SaidLength,
  read: (fields: Fields) => Content,
): Row<Type, Content> {
  return { opcode, type, doors: door === "any" ? ["login", "char", "map"] : [door], length, read };
}

const said = (least: number, each = 1): SaidLength => ({ least, each });
const nothing = (): object => ({});
const code = (fields: Fields): { readonly code: number } => ({ code: fields.u8(2) });

export interface World {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly users: number;
}

export interface FloorItem {
  readonly id: number;
  readonly item: number;
  readonly x: number;
  readonly y: number;
  readonly amount: number;
}

const readWorld = (fields: Fields): World => ({
  ...fields.address(0),
  name: fields.text(6, 20),
  users: fields.u16(26),
});

function loginRows() {
  return [
    row(0x0069, "AC_ACCEPT_LOGIN", "login", said(47, 32), (f) => ({
      loginId1: f.u32(4),
      accountId: f.u32(8),
      loginId2: f.u32(12),
      sex: f.u8(46),
      worlds: f.blocks(47, 32, readWorld),
    })),
    row(0x006a, "AC_REFUSE_LOGIN", "login", 23, (f) => ({ ...code(f), until: f.text(3, 20) })),
    row(0x0081, "SC_NOTIFY_BAN", "any", 3, code),
  ];
}

function charRows({ charListHeader, charBlock }: Profile) {
  return [
    row(0x006b, "HC_ACCEPT_ENTER", "char", said(charListHeader, charBlock), (f) => ({
      characters: f.blocks<Character>(charListHeader, charBlock, readCharacter),
    })),
    row(0x006c, "HC_REFUSE_ENTER", "char", 3, code),
    row(0x006d, "HC_ACCEPT_MAKECHAR", "char", 2 + charBlock, (f) => {
      const [character] = f.blocks<Character>(2, charBlock, readCharacter);
      return { character: character as Character };
    }),
    row(0x006e, "HC_REFUSE_MAKECHAR", "char", 3, code),
    row(0x006f, "HC_ACCEPT_DELETECHAR", "char", 2, nothing),
    row(0x0070, "HC_REFUSE_DELETECHAR", "char", 3, code),
    row(0x0828, "HC_DELETE_CHAR3_RESERVED", "char", 14, (f) => ({
      charId: f.u32(2),
      result: f.u32(6),
      date: f.u32(10),
    })),
    row(0x082a, "HC_DELETE_CHAR3", "char", 10, (f) => ({ charId: f.u32(2), result: f.u32(6) })),
    row(0x082c, "HC_DELETE_CHAR3_CANCEL", "char", 10, (f) => ({ charId: f.u32(2), result: f.u32(6) })),
    row(0x0071, "HC_NOTIFY_ZONESVR", "char", 28, (f) => ({
      charId: f.u32(2),
      map: f.map(6),
      ...f.address(22),
    })),
  ];
}

function placeRows() {
  const entered = (f: Fields) => ({ tick: f.u32(2), cell: f.cell(6) });
  return [
    row(0x0283, "ZC_AID", "map", 6, (f) => ({ accountId: f.u32(2) })),
    row(0x02eb, "ZC_ACCEPT_ENTER2", "map", 13, entered),
    row(0x0073, "ZC_ACCEPT_ENTER", "map", 11, entered),
    row(0x0074, "ZC_REFUSE_ENTER", "map", 3, code),
    row(0x007f, "ZC_NOTIFY_TIME", "map", 6, (f) => ({ tick: f.u32(2) })),
    row(0x0087, "ZC_NOTIFY_PLAYERMOVE", "map", 12, (f) => ({ tick: f.u32(2), ...f.move(6) })),
    row(0x0088, "ZC_STOPMOVE", "map", 10, (f) => ({ id: f.u32(2), x: f.u16(6), y: f.u16(8) })),
    row(0x0091, "ZC_NPCACK_MAPMOVE", "map", 22, (f) => ({ map: f.map(2), x: f.u16(18), y: f.u16(20) })),
    row(0x0092, "ZC_NPCACK_SERVERMOVE", "map", 28, (f) => ({
      map: f.map(2),
      x: f.u16(18),
      y: f.u16(20),
      ...f.address(22),
    })),
    row(0x00b3, "ZC_RESTART_ACK", "map", 3, code),
    row(0x018b, "ZC_ACK_REQ_DISCONNECT", "map", 4, (f) => ({ code: f.u16(2) })),
  ];
}

function unitRows(profile: Profile) {
  const { standing, spawned, walking } = profile.unit;
  const lengths = unitLengths(profile);
  return [
    row(standing, "ZC_NOTIFY_STANDENTRY", "map", said(lengths.standing, 0), (f) => ({
      ...readUnit(f, profile, "standing"),
    })),
    row(spawned, "ZC_NOTIFY_NEWENTRY", "map", said(lengths.spawned, 0), (f) => ({
      ...readUnit(f, profile, "spawned"),
    })),
    row(walking, "ZC_NOTIFY_MOVEENTRY", "map", said(lengths.walking, 0), (f) => ({
      ...readUnit(f, profile, "walking"),
    })),
    row(0x0086, "ZC_NOTIFY_MOVE", "map", 16, (f) => ({ id: f.u32(2), ...f.move(6), tick: f.u32(12) })),
    row(0x0080, "ZC_NOTIFY_VANISH", "map", 7, (f) => ({ id: f.u32(2), why: f.u8(6) })),
    row(0x0095, "ZC_ACK_REQNAME", "map", 30, (f) => ({ id: f.u32(2), name: f.text(6, 24) })),
    row(0x0195, "ZC_ACK_REQNAMEALL", "map", 102, (f) => ({ id: f.u32(2), name: f.text(6, 24) })),
    row(0x009c, "ZC_CHANGE_DIRECTION", "map", 9, (f) => ({
      id: f.u32(2),
      head: f.u16(6),
      direction: f.u8(8),
    })),
    row(0x00c0, "ZC_EMOTION", "map", 7, (f) => ({ id: f.u32(2), emotion: f.u8(6) })),
  ];
}

function talkRows() {
  return [
    row(0x008d, "ZC_NOTIFY_CHAT", "map", said(9), (f) => ({ id: f.u32(4), text: f.textToEnd(8) })),
    row(0x008e, "ZC_NOTIFY_PLAYERCHAT", "map", said(5), (f) => ({ text: f.textToEnd(4) })),
    row(0x0097, "ZC_WHISPER", "map", said(33), (f) => ({ name: f.text(4, 24), text: f.textToEnd(32) })),
    row(0x0098, "ZC_ACK_WHISPER", "map", 3, code),
  ];
}

function npcRows() {
  const who = (f: Fields): { readonly id: number } => ({ id: f.u32(2) });
  return [
    row(0x00b4, "ZC_SAY_DIALOG", "map", said(9), (f) => ({ id: f.u32(4), text: f.textToEnd(8) })),
    row(0x00b5, "ZC_WAIT_DIALOG", "map", 6, who),
    row(0x00b6, "ZC_CLOSE_DIALOG", "map", 6, who),
    row(0x00b7, "ZC_MENU_LIST", "map", said(9), (f) => ({
      id: f.u32(4),
      choices: f
        .textToEnd(8)
        .split(":")
        .filter((choice) => choice !== ""),
    })),
    row(0x00c4, "ZC_SELECT_DEALTYPE", "map", 6, who),
    row(0x00c6, "ZC_PC_PURCHASE_ITEMLIST", "map", said(4, 11), (f) => ({
      goods: f.blocks(4, 11, (ware) => ({
        price: ware.u32(0),
        discounted: ware.u32(4),
        kind: ware.u8(8),
        item: ware.u16(9),
      })),
    })),
    row(0x00ca, "ZC_PC_PURCHASE_RESULT", "map", 3, code),
  ];
}

function itemRows() {
  return [
    row(
      0x009d,
      "ZC_ITEM_ENTRY",
      "map",
      17,
      (f): FloorItem => ({
        id: f.u32(2),
        item: f.u16(6),
        x: f.u16(9),
        y: f.u16(11),
        amount: f.u16(13),
      }),
    ),
    row(0x00a1, "ZC_ITEM_DISAPPEAR", "map", 6, (f) => ({ id: f.u32(2) })),
    row(0x02d4, "ZC_ITEM_PICKUP_ACK3", "map", 29, (f) => ({
      index: f.u16(2),
      amount: f.u16(4),
      item: f.u16(6),
      code: f.u8(22),
    })),
  ];
}

function statusRows() {
  return [
    row(0x00b0, "ZC_PAR_CHANGE", "map", 8, (f) => ({ parameter: f.u16(2), value: f.u32(4) })),
    row(0x00bd, "ZC_STATUS", "map", 44, nothing),
    row(0x0141, "ZC_COUPLESTATUS", "map", 14, nothing),
  ];
}

export function serverRows(profile: Profile) {
  return [
    ...loginRows(),
    ...charRows(profile),
    ...placeRows(),
    ...unitRows(profile),
    ...talkRows(),
    ...npcRows(),
    ...itemRows(),
    ...statusRows(),
  ];
}

type Read<R> = R extends Row<infer Type, infer Content> ? { readonly type: Type } & Content : never;

/** The packets that servers send, under the names in common use. */
export type ServerPacket = Read<ReturnType<typeof serverRows>[number]>;
export type PacketOf<Type extends ServerPacket["type"]> = Extract<ServerPacket, { readonly type: Type }>;

export type Handlers<Result> = {
  readonly [Type in ServerPacket["type"]]?: (packet: PacketOf<Type>) => Result;
};

export function handle<Result>(handlers: Handlers<Result>, packet: ServerPacket): Result | undefined {
  const handler = handlers[packet.type] as ((packet: ServerPacket) => Result) | undefined;
  return handler?.(packet);
}
