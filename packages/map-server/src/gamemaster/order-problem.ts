import { isChat, isMapName, type Order, type OrderedPlayer, orderBounds, type Role } from "@sallyport/domain";
import { mayOrder, type RoleOrders } from "@sallyport/server-kit";

export type OrderProblem =
  | { readonly refusal: "not-allowed" }
  | { readonly refusal: "invalid"; readonly field: string };

/** Null: the order may be carried out. Without the right, nothing is said of the fields. */
export function problemOf(order: Order, role: Role, allowed: RoleOrders): OrderProblem | null {
  if (!mayOrder(allowed, role, order.order)) return { refusal: "not-allowed" };
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
