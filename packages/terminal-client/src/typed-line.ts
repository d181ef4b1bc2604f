import { nearestTo } from "@sallyport/domain";
import type { GamemasterOrder } from "@sallyport/sdk";
import type { Command } from "./state.ts";

/** What a typed line asks for: a command, or words for the player alone. */
export type Typed = Command | { readonly problem: string } | { readonly help: string };

interface Order {
  /** How to type what follows the word. */
  readonly usage: string;
  /** Null: it cannot be read. `rest` has no blanks around it. */
  readonly read: (rest: string) => Typed | null;
}

type Orders = { readonly [word: string]: Order };

const orders: Orders = {
  "/help": { usage: "", read: () => ({ help }) },
  // The refusal of no room at all lists the open rooms. Names of maps have no capital letters.
  "/room": { usage: "[NAME]", read: (name) => ({ type: "enter-room", map: name.toLowerCase() }) },
  "/send": { usage: "NAME JSON", read: readSend },
};

/** A command of the game. */
function readSend(rest: string): Typed | null {
  const [, name, json = ""] = /^(\S+)\s*(.*)$/s.exec(rest) ?? [];
  if (name === undefined) return null;
  try {
    return { type: "send", name, input: json === "" ? {} : JSON.parse(json) };
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: "What follows the name of the command is no JSON." };
    throw error;
  }
}

const gamemasterOrder = (usage: string, read: (rest: string) => GamemasterOrder | null): Order => ({
  usage,
  read(rest) {
    const order = rest === "" ? null : read(rest);
    return order === null ? null : { type: "order", order };
  },
});

const gamemasterOrders: Orders = {
  "/kick": gamemasterOrder("NAME: TEXT", (rest) => {
    const [, player = "", text = ""] = /^([^:]*)(?::(.*))?$/s.exec(rest) ?? [];
    return player.trim() === "" ? null : { order: "kick", player: player.trim(), text: text.trim() };
  }),
  "/mute": gamemasterOrder("MINUTES NAME", (rest) => {
    const [, minutes, player] = /^(\d{1,7}) (.+)$/.exec(rest) ?? [];
    return player === undefined ? null : { order: "mute", player, minutes: Number(minutes) };
  }),
  "/goto": gamemasterOrder("NAME", (player) => ({ order: "go-to", player })),
  "/summon": gamemasterOrder("NAME", (player) => ({ order: "summon", player })),
  "/announce": gamemasterOrder("TEXT", (text) => ({ order: "announce-map", text })),
  "/announce-world": gamemasterOrder("TEXT", (text) => ({ order: "announce-world", text })),
  "/announce-all": gamemasterOrder("TEXT", (text) => ({ order: "announce-all", text })),
};

const listed = (of: Orders): string =>
  Object.entries(of)
    .map(([word, { usage }]) => `${word} ${usage}`.trim())
    .join(", ");
const help = `Orders: ${listed(orders)}. Of gamemasters: ${listed(gamemasterOrders)}.`;

const all: ReadonlyMap<string, Order> = new Map(Object.entries({ ...orders, ...gamemasterOrders }));

/** Lines that begin with a slash are orders, and all others are chat. So a mistyped order is not said aloud. */
export function readLine(text: string): Typed {
  if (!text.startsWith("/")) return { type: "say", text };
  const [word = ""] = text.split(/\s/, 1);
  const order = all.get(word);
  if (order !== undefined)
    return order.read(text.slice(word.length).trim()) ?? { problem: `Type ${word} ${order.usage}.` };
  const nearest = nearestTo(word.toLowerCase(), [...all.keys()]);
  const meant = nearest === null ? "" : ` Did you mean ${nearest}?`;
  return { problem: `There is no order ${word}.${meant} /help lists all orders.` };
}

/** Values of a game as text. Bytes have no JSON. */
export const shownValue = (value: unknown): string =>
  JSON.stringify(value, (_, part) => (part instanceof Uint8Array ? `${part.length} bytes` : part)) ?? "";
