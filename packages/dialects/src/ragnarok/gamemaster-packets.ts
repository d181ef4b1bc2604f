import { restLine, text, u8, u16, u32 } from "./field.ts";
import { definePackets } from "./packet-table.ts";

/** The packets about orders of gamemasters. Clients send them for words like `/b`, and from menus. */

const named = { name: text(24, "of the character") };
const byAccount = { id: u32("account id") };
const line = { line: restLine("`/b` and `/lb` put `Name : ` before the text") };
const since2008 = 20080827;

export const fromGamemaster = definePackets({
  CZ_BROADCAST: {
    doc: "`/b`, `/nb`: announces a text in the world.",
    versions: [{ opcode: 0x0099, length: "variable", fields: line }],
  },
  CZ_LOCALBROADCAST: {
    doc: "`/lb`, `/nlb`: announces a text on the map.",
    versions: [{ since: since2008, opcode: 0x019c, length: "variable", fields: line }],
  },
  CZ_DISCONNECT_CHARACTER: {
    doc: "`/kill`: disconnects a player.",
    versions: [{ opcode: 0x00cc, length: 6, fields: { id: u32("of the unit") } }],
  },
  CZ_MOVETO_MAP: {
    doc: "`/mm`: goes to a place.",
    versions: [
      { opcode: 0x0140, length: 22, fields: { map: text(16, "with or without `.gat`"), x: u16(), y: u16() } },
    ],
  },
  CZ_SHIFT: { doc: "`/shift`: goes to a player.", versions: [{ opcode: 0x01bb, length: 26, fields: named }] },
  CZ_RECALL_GID: {
    doc: "`/summon`: brings a player.",
    versions: [{ opcode: 0x01bd, length: 26, fields: named }],
  },
  CZ_REMOVE_AID: {
    doc: "`/remove`: goes to a player.",
    versions: [{ opcode: 0x01ba, length: 26, fields: named }],
  },
  CZ_RECALL: {
    doc: "`/recall`: brings a player.",
    versions: [{ opcode: 0x01bc, length: 26, fields: named }],
  },
  CZ_REMOVE_AID_SSO: {
    doc: "Goes to a player.",
    versions: [{ since: 20100803, opcode: 0x0843, length: 6, fields: byAccount }],
  },
  CZ_RECALL_SSO: {
    doc: "Brings a player.",
    versions: [{ since: 20100803, opcode: 0x0842, length: 6, fields: byAccount }],
  },
  CZ_REQ_GIVE_MANNER_POINT: {
    doc: "Mutes a player, or lets it speak again.",
    versions: [
      {
        opcode: 0x0149,
        length: 9,
        fields: {
          id: u32("account id"),
          kind: u8("0 lets it speak, 1 mutes, 2 mutes oneself"),
          minutes: u16(),
        },
      },
    ],
  },
  CZ_REQ_GIVE_MANNER_BYNAME: {
    doc: "`/rc`: mutes a player.",
    versions: [{ opcode: 0x0212, length: 26, fields: named }],
  },
});

export const toGamemaster = definePackets({
  ZC_BROADCAST: {
    doc: "Announces a text.",
    versions: [{ opcode: 0x009a, length: "variable", fields: { line: restLine() } }],
  },
  // The oldest clients do not know it.
  ZC_ACK_DISCONNECT_CHARACTER: {
    doc: "Answers `CZ_DISCONNECT_CHARACTER`.",
    versions: [
      {
        since: since2008,
        opcode: 0x00cd,
        length: 3,
        fields: { code: u8("0 not disconnected, 1 disconnected") },
      },
    ],
  },
  ZC_ACK_GIVE_MANNER_POINT: {
    doc: "Says what became of a mute, or that the client is muted.",
    versions: [{ opcode: 0x014a, length: 6, fields: { code: u32("0 done, 3 muted by a gamemaster") } }],
  },
});
