import type { fromMapClient, toMapClient } from "../src/ragnarok/index.ts";
import { bytesOf } from "./ragnarok-bytes.ts";
import { bothOf2010, december, golden } from "./ragnarok-golden-row.ts";

const map = golden<typeof fromMapClient>();
const toMap = golden<typeof toMapClient>();

const line = bytesOf(`"TestChar : hi"`);
const bob = { name: "Bob" };
const id = 2_000_000;

export const goldenFromGamemaster = [
  map("CZ_BROADCAST", { line }, `9900 1200 "TestChar : hi" 00`),
  map("CZ_LOCALBROADCAST", { line }, `9c01 1200 "TestChar : hi" 00`, bothOf2010),
  map("CZ_DISCONNECT_CHARACTER", { id }, "cc00 80841e00"),
  map(
    "CZ_MOVETO_MAP",
    { map: "prontera.gat", x: 156, y: 191 },
    `4001 70726f6e746572612e67617400000000 9c00 bf00`,
  ),
  map("CZ_SHIFT", bob, `bb01 "Bob" 00*21`),
  map("CZ_RECALL_GID", bob, `bd01 "Bob" 00*21`),
  map("CZ_REMOVE_AID", bob, `ba01 "Bob" 00*21`),
  map("CZ_RECALL", bob, `bc01 "Bob" 00*21`),
  map("CZ_REMOVE_AID_SSO", { id }, "4308 80841e00", december),
  map("CZ_RECALL_SSO", { id }, "4208 80841e00", december),
  map("CZ_REQ_GIVE_MANNER_POINT", { id, kind: 1, minutes: 10 }, "4901 80841e00 01 0a00"),
  map("CZ_REQ_GIVE_MANNER_BYNAME", bob, `1202 "Bob" 00*21`),
];

export const goldenToGamemaster = [
  toMap("ZC_BROADCAST", { line }, `9a00 1200 "TestChar : hi" 00`),
  toMap("ZC_ACK_DISCONNECT_CHARACTER", { code: 1 }, "cd00 01", bothOf2010),
  toMap("ZC_ACK_GIVE_MANNER_POINT", { code: 3 }, "4a01 03000000"),
];
