import {
  isChat,
  isMapName,
  type Order,
  type OrderedPlayer,
  type OrderName,
  orderBounds,
  orderNames,
  type Role,
  roles,
} from "@sallyport/domain";
import type { Setting } from "@sallyport/server-kit";

/** The orders that accounts of each role may give. A role without an entry may give none. */
export type RoleOrders = ReadonlyMap<Role, ReadonlySet<OrderName>>;

/** Somebody who may go to players may go to any place. */
const rightOf = ({ order }: Order): OrderName => (order === "go" ? "go-to" : order);

export type OrderProblem =
  | { readonly refusal: "not-allowed" }
  | { readonly refusal: "invalid"; readonly field: string };

/** Null: the order may be carried out. Without the right, nothing is said of the fields. */
export function problemOf(order: Order, role: Role, allowed: RoleOrders): OrderProblem | null {
  if (allowed.get(role)?.has(rightOf(order)) !== true) return { refusal: "not-allowed" };
  const field = faultIn(order);
  return field === null ? null : { refusal: "invalid", field };
}

const isShort = (text: string): boolean => text.length <= orderBounds.textMax;

/** Fits each name that a character can have. Postgres cannot look up a NUL. */
const isName = (player: OrderedPlayer): boolean =>
  typeof player !== "string" || (player !== "" && !/\p{Cc}/u.test(player));

/** Returns the name of the first field that does not fit. Fields that the order does not need can be anything. */
function faultIn(order: Order): string | null {
  switch (order.order) {
    case "announce-map":
    case "announce-world":
    case "announce-all":
      return isChat(order.text) && isShort(order.text) ? null : "text";
    case "kick":
      if (!isName(order.player)) return "player";
      return order.text === "" || (isChat(order.text) && isShort(order.text)) ? null : "text";
    case "mute":
      if (!isName(order.player)) return "player";
      return order.minutes <= orderBounds.minutesMax ? null : "minutes";
    case "go":
      return isMapName(order.place.map) ? null : "map";
    case "go-to":
    case "summon":
      return isName(order.player) ? null : "player";
  }
}

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

export const roleOrdersSetting: Setting<RoleOrders> = {
  variable: "ROLE_ORDERS",
  doc: `Orders that accounts may give on maps, for each role: entries separated by blanks, like gamemaster=kick,mute. The orders are ${orderNames.join(", ")}; all means all of them. A role without an entry may give none.`,
  fallback: usual,
  topic: "accounts",
  parse(text) {
    const value = readRoleOrders(text);
    return value === null ? { ok: false, expected: `a list like ${usual}` } : { ok: true, value };
  },
};

export const usualRoleOrders: RoleOrders = readRoleOrders(usual) ?? new Map();
