import { type OrderName, orderNames, type Role, roles } from "@sallyport/domain";
import type { Setting } from "./settings.ts";

/** The orders that accounts of each role may give. A role without an entry may give none. */
export type RoleOrders = ReadonlyMap<Role, ReadonlySet<OrderName>>;

/** Somebody who may go to players may go to any place. */
export const mayOrder = (allowed: RoleOrders, role: Role, order: OrderName | "go"): boolean =>
  allowed.get(role)?.has(order === "go" ? "go-to" : order) === true;

const isRole = (text: string): text is Role => roles.some((role) => role === text);
const isOrder = (text: string): text is OrderName => orderNames.some((order) => order === text);

/** Reads text like `gamemaster=kick,mute administrator=all`. Returns null if it is not of that form. */
export function readRoleOrders(text: string): RoleOrders | null {
  const read = new Map<Role, ReadonlySet<OrderName>>();
  for (const entry of text.split(" ").filter((each) => each !== "")) {
    const [role = "", listed, ...rest] = entry.split("=");
    if (!isRole(role) || read.has(role) || listed === undefined || rest.length > 0) return null;
    const orders = listed === "all" ? orderNames : listed.split(",").filter((each) => each !== "");
    if (!orders.every(isOrder)) return null;
    read.set(role, new Set(orders));
  }
  return read;
}

const usual = "gamemaster=kick,mute,go-to,summon,announce-map,announce-world administrator=all";

/** Map-server and char-server both check it, so it must be the same for both. */
export const roleOrdersSetting: Setting<RoleOrders> = {
  variable: "ROLE_ORDERS",
  doc: `Orders that accounts may give on maps, for each role: entries separated by blanks, like gamemaster=kick,mute. The orders are ${orderNames.join(", ")}; all means all of them. A role without an entry may give none. Map-server and char-server check it, so both need the same.`,
  fallback: usual,
  topic: "accounts",
  parse(text) {
    const value = readRoleOrders(text);
    return value === null ? { ok: false, expected: `a list like ${usual}` } : { ok: true, value };
  },
};

export const usualRoleOrders: RoleOrders = readRoleOrders(usual) ?? new Map();
