import { pos3, restLine, restText, sex, text, u8, u16, u32, unused } from "./field.ts";
import { fromGamemaster } from "./gamemaster-packets.ts";
import { fromMapClientToNpcs } from "./npc-packets.ts";
import { definePackets } from "./packet-table.ts";

/**
 * Clients got new opcodes for the most common packets in August 2008, and again in November 2010. A version
 * without `until` is also accepted from newer clients, because its opcode got no new meaning.
 */
const shuffled2008 = 20080827;
const shuffled2010 = 20101124;

const enter = { accountId: u32(), charId: u32(), loginId1: u32(), clientTick: u32(), sex: sex() };
const act = { target: u32(), action: u8("0 hit, 7 keep hitting, 2 sit, 3 stand") };
const chat = { line: restLine("`Name : text`") };

/** Packets from the client to the map-server. */
export const fromMapClient = definePackets({
  CZ_ENTER: {
    doc: "Shows the login ids and the character. The first packet on the connection.",
    versions: [
      { until: shuffled2008, opcode: 0x0072, length: 19, fields: enter },
      { since: 20080910, name: "CZ_ENTER2", opcode: 0x0436, length: 19, fields: enter },
    ],
  },
  CZ_NOTIFY_ACTORINIT: {
    doc: "The map is loaded. From now on the server may send the actors that are there.",
    versions: [{ opcode: 0x007d, length: 2, fields: {} }],
  },
  CZ_REQUEST_TIME: {
    doc: "Asks for the server's clock, every 12 s.",
    versions: [
      { until: shuffled2008, opcode: 0x007e, length: 6, fields: { clientTick: u32() } },
      { since: shuffled2008, opcode: 0x0089, length: 11, fields: { _: unused(5), clientTick: u32() } },
      { since: shuffled2010, opcode: 0x0360, length: 6, fields: { clientTick: u32() } },
    ],
  },
  CZ_REQUEST_MOVE: {
    doc: "Walks to a cell. Along a route the client sends this several times a second.",
    versions: [
      { until: shuffled2008, opcode: 0x0085, length: 5, fields: { to: pos3() } },
      { since: shuffled2008, opcode: 0x00a7, length: 9, fields: { _: unused(4), to: pos3() } },
      { since: shuffled2010, opcode: 0x035f, length: 5, fields: { to: pos3() } },
    ],
  },
  CZ_REQNAME: {
    doc: "Asks for somebody's name.",
    versions: [
      { until: shuffled2008, opcode: 0x0094, length: 6, fields: { id: u32() } },
      { since: shuffled2008, opcode: 0x008c, length: 14, fields: { _: unused(8), id: u32() } },
      { since: shuffled2010, opcode: 0x0368, length: 6, fields: { id: u32() } },
    ],
  },
  CZ_REQUEST_CHAT: {
    doc: "Speaks to those who see the character.",
    versions: [
      { until: shuffled2008, opcode: 0x008c, length: "variable", fields: chat },
      { since: shuffled2008, opcode: 0x00f3, length: "variable", fields: chat },
    ],
  },
  CZ_WHISPER: {
    doc: "Speaks to one person, by name.",
    versions: [{ opcode: 0x0096, length: "variable", fields: { to: text(24), text: restText() } }],
  },
  CZ_CHANGE_DIRECTION: {
    doc: "Turns head and body.",
    versions: [
      { until: shuffled2008, opcode: 0x009b, length: 5, fields: { head: u16(), dir: u8() } },
      {
        since: shuffled2008,
        opcode: 0x0085,
        length: 10,
        fields: { _: unused(2), head: u8(), _more: unused(4), dir: u8() },
      },
      { since: shuffled2010, opcode: 0x0361, length: 5, fields: { head: u16(), dir: u8() } },
    ],
  },
  CZ_REQUEST_ACT: {
    doc: "Hits another actor, sits down or stands up.",
    versions: [
      { until: shuffled2008, opcode: 0x0089, length: 7, fields: act },
      { since: 20080910, opcode: 0x0437, length: 7, fields: act },
    ],
  },
  CZ_REQ_EMOTION: {
    doc: "Shows an emotion.",
    versions: [{ opcode: 0x00bf, length: 3, fields: { emotion: u8() } }],
  },
  CZ_REQ_GUILD_MENU: {
    doc: "Asks about the guild, at every login.",
    versions: [{ opcode: 0x014f, length: 6, fields: { page: u32() } }],
  },
  CZ_RESTART: {
    doc: "Respawns, or leaves for character select.",
    versions: [{ opcode: 0x00b2, length: 3, fields: { to: u8("0 respawn, 1 character select") } }],
  },
  CZ_REQ_DISCONNECT: {
    doc: "Leaves.",
    versions: [{ opcode: 0x018a, length: 4, fields: { reason: u16() } }],
  },
  ...fromMapClientToNpcs,
  ...fromGamemaster,
});
