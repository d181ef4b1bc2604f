import { blocks, orElse, restLine, u8, u16, u32, unused, zero8, zero16, zero32 } from "./field.ts";
import { definePackets } from "./packet-table.ts";

/** The packets about dialogues, shops and items on the floor. */

const who = { id: u32("of the NPC") };
const shuffled2008 = 20080827;
const shuffled2010 = 20101124;

export const fromMapClientToNpcs = definePackets({
  CZ_CONTACTNPC: {
    doc: "Clicks on an NPC.",
    versions: [{ opcode: 0x0090, length: 7, fields: { ...who, kind: u8("1") } }],
  },
  CZ_CHOOSE_MENU: {
    doc: "Answers `ZC_MENU_LIST`.",
    versions: [
      { opcode: 0x00b8, length: 7, fields: { ...who, choice: u8("from 1; 0 and 255 end the dialogue") } },
    ],
  },
  CZ_REQ_NEXT_SCRIPT: {
    doc: "Answers `ZC_WAIT_DIALOG`.",
    versions: [{ opcode: 0x00b9, length: 6, fields: who }],
  },
  CZ_CLOSE_DIALOG: {
    doc: "Answers `ZC_CLOSE_DIALOG`.",
    versions: [{ opcode: 0x0146, length: 6, fields: who }],
  },
  CZ_ACK_SELECT_DEALTYPE: {
    doc: "Answers `ZC_SELECT_DEALTYPE`.",
    versions: [{ opcode: 0x00c5, length: 7, fields: { ...who, deal: u8("0 buy, 1 sell") } }],
  },
  CZ_PC_PURCHASE_ITEMLIST: {
    doc: "Buys from the last list.",
    versions: [
      { opcode: 0x00c8, length: "variable", fields: { goods: blocks({ amount: u16(), item: u16() }) } },
    ],
  },
  CZ_ITEM_PICKUP: {
    doc: "Picks up an item from the floor. The client sends no other until it has an answer.",
    versions: [
      { until: shuffled2008, opcode: 0x009f, length: 6, fields: { id: u32() } },
      { since: shuffled2008, opcode: 0x00f5, length: 11, fields: { _: unused(5), id: u32() } },
      { since: shuffled2010, opcode: 0x0362, length: 6, fields: { id: u32() } },
    ],
  },
});

/** The type of items that are neither worn nor used. */
const miscellaneous = 3;

const belonging = {
  index: u16("tells the character's belongings apart"),
  amount: u16(),
  item: u16(),
  identified: orElse(u8(), 1),
  broken: zero8(),
  refined: zero8(),
  _: unused(8),
  place: zero16("where it is worn"),
  kind: orElse(u8(), miscellaneous),
  code: u8("0 picked up, 2 too heavy, 6 not picked up"),
};
const expires = { expires: zero32() };

export const fromNpcsToMapClient = definePackets({
  ZC_SAY_DIALOG: {
    doc: "An NPC says a line. The client adds it to the window.",
    versions: [{ opcode: 0x00b4, length: "variable", fields: { ...who, line: restLine() } }],
  },
  ZC_WAIT_DIALOG: {
    doc: "The client shows the button *next*. The window is cleared after that.",
    versions: [{ opcode: 0x00b5, length: 6, fields: who }],
  },
  ZC_CLOSE_DIALOG: {
    doc: "The client shows the button *close*.",
    versions: [{ opcode: 0x00b6, length: 6, fields: who }],
  },
  ZC_MENU_LIST: {
    doc: "The client asks for a choice.",
    versions: [
      { opcode: 0x00b7, length: "variable", fields: { ...who, line: restLine("`first:second:third`") } },
    ],
  },
  ZC_SELECT_DEALTYPE: {
    doc: "The client asks whether to buy or to sell.",
    versions: [{ opcode: 0x00c4, length: 6, fields: who }],
  },
  ZC_PC_PURCHASE_ITEMLIST: {
    doc: "The goods of a shop.",
    versions: [
      {
        opcode: 0x00c6,
        length: "variable",
        fields: {
          goods: blocks({
            price: u32(),
            discounted: u32(),
            kind: orElse(u8(), miscellaneous),
            item: u16(),
          }),
        },
      },
    ],
  },
  ZC_PC_PURCHASE_RESULT: {
    doc: "Answers `CZ_PC_PURCHASE_ITEMLIST`.",
    versions: [
      {
        opcode: 0x00ca,
        length: 3,
        fields: { code: u8("0 bought, 1 too dear, 2 too heavy, 3 too many, 6 not offered") },
      },
    ],
  },
  ZC_ITEM_ENTRY: {
    doc: "An item lies on the floor in view.",
    versions: [
      {
        opcode: 0x009d,
        length: 17,
        fields: {
          id: u32(),
          item: u16(),
          identified: orElse(u8(), 1),
          x: u16(),
          y: u16(),
          amount: orElse(u16(), 1),
          subX: orElse(u8("within the cell"), 6),
          subY: orElse(u8(), 6),
        },
      },
    ],
  },
  ZC_ITEM_DISAPPEAR: {
    doc: "An item on the floor is no longer in view.",
    versions: [{ opcode: 0x00a1, length: 6, fields: { id: u32() } }],
  },
  ZC_ITEM_PICKUP_ACK: {
    doc: "Answers `CZ_ITEM_PICKUP`.",
    versions: [
      { until: 20061218, opcode: 0x00a0, length: 23, fields: belonging },
      {
        since: 20061218,
        until: 20071002,
        name: "ZC_ITEM_PICKUP_ACK2",
        opcode: 0x029a,
        length: 27,
        fields: { ...belonging, ...expires },
      },
      {
        since: 20071002,
        name: "ZC_ITEM_PICKUP_ACK3",
        opcode: 0x02d4,
        length: 29,
        fields: { ...belonging, ...expires, bound: zero16() },
      },
    ],
  },
});
