import type { GamemasterOrder } from "@sallyport/sdk";
import type { Command } from "./state.ts";

/** A line that starts like this sends a command of the game: `/send NAME JSON`. */
const sendWord = "/send";

interface Order {
  /** How to type what follows the word. */
  readonly usage: string;
  /** Null: it cannot be read. `rest` has no blanks around it. */
  readonly read: (rest: string) => GamemasterOrder | null;
}

const needed =
  (order: (rest: string) => GamemasterOrder): Order["read"] =>
  (rest) =>
    rest === "" ? null : order(rest);

const orders: { readonly [word: string]: Order } = {
  "/kick": {
    usage: "NAME: TEXT",
    read(rest) {
      const [, player = "", text = ""] = /^([^:]*)(?::(.*))?$/s.exec(rest) ?? [];
      return player.trim() === "" ? null : { order: "kick", player: player.trim(), text: text.trim() };
    },
  },
  "/mute": {
    usage: "MINUTES NAME",
    read(rest) {
      const [, minutes, player] = /^(\d{1,7}) (.+)$/.exec(rest) ?? [];
      return player === undefined ? null : { order: "mute", player, minutes: Number(minutes) };
    },
  },
  "/goto": { usage: "NAME", read: needed((player) => ({ order: "go-to", player })) },
  "/summon": { usage: "NAME", read: needed((player) => ({ order: "summon", player })) },
  "/announce": { usage: "TEXT", read: needed((text) => ({ order: "announce-map", text })) },
  "/announce-world": { usage: "TEXT", read: needed((text) => ({ order: "announce-world", text })) },
  "/announce-all": { usage: "TEXT", read: needed((text) => ({ order: "announce-all", text })) },
};

/** What is wrong with a line that is no command. */
export interface Unreadable {
  readonly problem: string;
}

/** Lines without one of these words are chat. */
export function commandOf(text: string): Command | Unreadable {
  const [word = "", name, ...rest] = text.split(/\s+/);
  const order = Object.hasOwn(orders, word) ? orders[word] : undefined;
  if (order !== undefined) {
    const read = order.read(text.slice(word.length).trim());
    return read === null ? { problem: `Type ${word} ${order.usage}.` } : { type: "order", order: read };
  }
  if (word !== sendWord || name === undefined) return { type: "say", text };
  const json = rest.join(" ");
  try {
    return { type: "send", name, input: json === "" ? {} : JSON.parse(json) };
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: "What follows the name of the command is no JSON." };
    throw error;
  }
}

/** Values of a game as text. Bytes have no JSON. */
export const shownValue = (value: unknown): string =>
  JSON.stringify(value, (_, part) => (part instanceof Uint8Array ? `${part.length} bytes` : part)) ?? "";
