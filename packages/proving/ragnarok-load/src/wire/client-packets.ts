import { type Cell, writeCell } from "./cells.ts";
import type { Profile, RequestLayout } from "./profile.ts";

/*
 * The bytes of packets that clients send. This code shares nothing with the servers' dialect. Otherwise the
 * same mistake could be in the clients and in the servers, and no test would find it.
 */

function packet(opcode: number, length: number, fill?: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUInt16LE(opcode, 0);
  fill?.(bytes);
  return bytes;
}

function saidPacket(opcode: number, length: number, fill: (bytes: Buffer) => void): Buffer {
  return packet(opcode, length, (bytes) => {
    bytes.writeUInt16LE(length, 2);
    fill(bytes);
  });
}

function writeText(bytes: Buffer, at: number, size: number, text: string): void {
  if (text.length > size) throw new RangeError(`"${text}" has more than ${size} bytes`);
  bytes.write(text, at, "latin1");
}

const request = (layout: RequestLayout, fill: (bytes: Buffer) => void): Buffer =>
  packet(layout.opcode, layout.length, fill);

export interface LoginIds {
  readonly accountId: number;
  readonly loginId1: number;
  readonly loginId2: number;
  readonly sex: number;
}

export interface NewCharacter {
  readonly name: string;
  readonly slot: number;
  readonly attributes?: readonly number[];
  readonly hairColour?: number;
  readonly hair?: number;
}

export function login(user: string, password: string, version = 25): Buffer {
  return packet(0x0064, 55, (bytes) => {
    bytes.writeUInt32LE(version, 2);
    writeText(bytes, 6, 24, user);
    writeText(bytes, 30, 24, password);
    bytes.writeUInt8(1, 54);
  });
}

export function enterChar({ accountId, loginId1, loginId2, sex }: LoginIds): Buffer {
  return packet(0x0065, 17, (bytes) => {
    bytes.writeUInt32LE(accountId, 2);
    bytes.writeUInt32LE(loginId1, 6);
    bytes.writeUInt32LE(loginId2, 10);
    bytes.writeUInt8(sex, 16);
  });
}

export const selectCharacter = (slot: number): Buffer =>
  packet(0x0066, 3, (bytes) => bytes.writeUInt8(slot, 2));

export function makeCharacter(character: NewCharacter): Buffer {
  const { name, slot, attributes = [5, 5, 5, 5, 5, 5], hairColour = 1, hair = 1 } = character;
  return packet(0x0067, 37, (bytes) => {
    writeText(bytes, 2, 24, name);
    bytes.set(attributes, 26);
    bytes.writeUInt8(slot, 32);
    bytes.writeUInt16LE(hairColour, 33);
    bytes.writeUInt16LE(hair, 35);
  });
}

/** OpenKore sends this packet before the first character that a player creates. */
export const blankCharacter = (): Buffer =>
  makeCharacter({ name: "", slot: 0, attributes: [0, 0, 0, 0, 0, 0], hairColour: 0, hair: 0 });

export function deleteCharacter(charId: number, email: string): Buffer {
  return packet(0x0068, 46, (bytes) => {
    bytes.writeUInt32LE(charId, 2);
    writeText(bytes, 6, 40, email);
  });
}

const ofCharacter = (opcode: number, charId: number): Buffer =>
  packet(opcode, 6, (bytes) => bytes.writeUInt32LE(charId, 2));

/** Clients that use the longer character block delete a character in two steps. */
export const reserveDeletion = (charId: number): Buffer => ofCharacter(0x0827, charId);
export const cancelDeletion = (charId: number): Buffer => ofCharacter(0x082b, charId);

/**
 * The packet contains the first six bytes of the birth date that a player types, without a terminating zero.
 */
export function deleteReserved(charId: number, birthDate: string): Buffer {
  return packet(0x0829, 12, (bytes) => {
    bytes.writeUInt32LE(charId, 2);
    writeText(bytes, 6, 6, birthDate.slice(0, 6));
  });
}

export const ping = (accountId: number): Buffer =>
  packet(0x0187, 6, (bytes) => bytes.writeUInt32LE(accountId, 2));

export function enterMap(ids: LoginIds, charId: number, tick: number): Buffer {
  return packet(0x0436, 19, (bytes) => {
    bytes.writeUInt32LE(ids.accountId, 2);
    bytes.writeUInt32LE(charId, 6);
    bytes.writeUInt32LE(ids.loginId1, 10);
    bytes.writeUInt32LE(tick, 14);
    bytes.writeUInt8(ids.sex, 18);
  });
}

export const actorInit = (): Buffer => packet(0x007d, 2);

export const requestTime = ({ time }: Profile, tick: number): Buffer =>
  request(time, (bytes) => bytes.writeUInt32LE(tick, time.at));

export const requestGuild = (): Buffer => packet(0x014f, 6);

export const walk = ({ walk: layout }: Profile, to: Cell): Buffer =>
  request(layout, (bytes) => writeCell(bytes, layout.at, to));

export const requestName = ({ name }: Profile, id: number): Buffer =>
  request(name, (bytes) => bytes.writeUInt32LE(id, name.at));

export const look = ({ look: layout }: Profile, head: number, direction: number): Buffer =>
  request(layout, (bytes) => {
    bytes.writeUInt8(head, layout.at);
    bytes.writeUInt8(direction, layout.bodyAt);
  });

/** A chat line begins with the name of the speaker. */
export function say(name: string, text: string): Buffer {
  const line = `${name} : ${text}\0`;
  return saidPacket(0x00f3, 4 + line.length, (bytes) => writeText(bytes, 4, line.length, line));
}

export const act = (target: number, action: number): Buffer =>
  packet(0x0437, 7, (bytes) => {
    bytes.writeUInt32LE(target, 2);
    bytes.writeUInt8(action, 6);
  });

export function whisper(to: string, text: string): Buffer {
  const line = `${text}\0`;
  return saidPacket(0x0096, 28 + line.length, (bytes) => {
    writeText(bytes, 4, 24, to);
    writeText(bytes, 28, line.length, line);
  });
}

export const showEmotion = (emotion: number): Buffer =>
  packet(0x00bf, 3, (bytes) => bytes.writeUInt8(emotion, 2));

const toNpc = (opcode: number, id: number): Buffer =>
  packet(opcode, 6, (bytes) => bytes.writeUInt32LE(id, 2));

const toNpcWith = (opcode: number, id: number, value: number): Buffer =>
  packet(opcode, 7, (bytes) => {
    bytes.writeUInt32LE(id, 2);
    bytes.writeUInt8(value, 6);
  });

export const clickNpc = (id: number): Buffer => toNpcWith(0x0090, id, 1);
export const nextLines = (id: number): Buffer => toNpc(0x00b9, id);
/** Clients count choices from 1. With 255, a client cancels the dialogue. */
export const choose = (id: number, choice: number): Buffer => toNpcWith(0x00b8, id, choice);
export const closeDialogue = (id: number): Buffer => toNpc(0x0146, id);
export const deal = (id: number, what: "buy" | "sell"): Buffer =>
  toNpcWith(0x00c5, id, what === "buy" ? 0 : 1);

export interface Purchase {
  readonly item: number;
  readonly amount: number;
}

export function buy(goods: readonly Purchase[]): Buffer {
  return saidPacket(0x00c8, 4 + 4 * goods.length, (bytes) => {
    for (const [nth, { item, amount }] of goods.entries()) {
      bytes.writeUInt16LE(amount, 4 + 4 * nth);
      bytes.writeUInt16LE(item, 6 + 4 * nth);
    }
  });
}

export const takeItem = ({ take }: Profile, id: number): Buffer =>
  request(take, (bytes) => bytes.writeUInt32LE(id, take.at));

export const restart = (to: "respawn" | "char-select"): Buffer =>
  packet(0x00b2, 3, (bytes) => bytes.writeUInt8(to === "respawn" ? 0 : 1, 2));

export const quit = (): Buffer => packet(0x018a, 4);
