import type { fromMapClient, toMapClient } from "../src/ragnarok/index.ts";
import { bytesOf } from "./ragnarok-bytes.ts";
import { bothOf2010, december, golden, january, old } from "./ragnarok-golden-row.ts";

const map = golden<typeof fromMapClient>();
const toMap = golden<typeof toMapClient>();

const id = 0x8000_0001;
const line = bytesOf(`"Welcome"`);
const belonging = { index: 909, amount: 1, item: 909, code: 0 };
const belongingBytes = "8d03 0100 8d03 01 00 00 00*8 0000 03 00";

export const goldenToNpcs = [
  map("CZ_CONTACTNPC", { id, kind: 1 }, "9000 01000080 01"),
  map("CZ_CHOOSE_MENU", { id, choice: 2 }, "b800 01000080 02"),
  map("CZ_REQ_NEXT_SCRIPT", { id }, "b900 01000080"),
  map("CZ_CLOSE_DIALOG", { id }, "4601 01000080"),
  map("CZ_ACK_SELECT_DEALTYPE", { id, deal: 1 }, "c500 01000080 01"),
  map(
    "CZ_PC_PURCHASE_ITEMLIST",
    {
      goods: [
        { amount: 3, item: 501 },
        { amount: 1, item: 1_201 },
      ],
    },
    "c800 0c00 0300 f501 0100 b104",
  ),
  map("CZ_ITEM_PICKUP", { id }, "9f00 01000080", old),
  map("CZ_ITEM_PICKUP", { id }, "f500 00*5 01000080", bothOf2010),
  map("CZ_ITEM_PICKUP", { id }, "6203 01000080", december),
];

export const goldenFromNpcs = [
  toMap("ZC_SAY_DIALOG", { id, line }, `b400 1000 01000080 "Welcome" 00`),
  toMap("ZC_WAIT_DIALOG", { id }, "b500 01000080"),
  toMap("ZC_CLOSE_DIALOG", { id }, "b600 01000080"),
  toMap("ZC_MENU_LIST", { id, line: bytesOf(`"Yes:No"`) }, `b700 0f00 01000080 "Yes:No" 00`),
  toMap("ZC_SELECT_DEALTYPE", { id }, "c400 01000080"),
  toMap(
    "ZC_PC_PURCHASE_ITEMLIST",
    { goods: [{ price: 50, discounted: 40, item: 501 }] },
    "c600 0f00 32000000 28000000 03 f501",
  ),
  toMap("ZC_PC_PURCHASE_RESULT", { code: 1 }, "ca00 01"),
  toMap("ZC_ITEM_ENTRY", { id, item: 909, x: 150, y: 181 }, "9d00 01000080 8d03 01 9600 b500 0100 06 06"),
  toMap("ZC_ITEM_DISAPPEAR", { id }, "a100 01000080"),
  toMap("ZC_ITEM_PICKUP_ACK", belonging, `a000 ${belongingBytes}`, old),
  toMap("ZC_ITEM_PICKUP_ACK", belonging, `d402 ${belongingBytes} 00000000 0000`, bothOf2010),
  toMap(
    "ZC_NOTIFY_STANDENTRY",
    {
      ...{ id, kind: 6, speed: 200, job: 117, name: "Kafra", at: { x: 150, y: 180, dir: 4 } },
      ...{ hairStyle: 0, hairColour: 0, sex: "female", sizeX: 0, sizeY: 0, level: 0 },
    },
    `f907 5700 06 01000080 c800 0000 0000 00000000 7500 00*32 258b44 00 00 00 0000 0000 "Kafra" 00*19`,
    january,
  ),
];
