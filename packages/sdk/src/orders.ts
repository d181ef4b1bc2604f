import type { AnnouncementOrder } from "@sallyport/domain";

/** What a gamemaster orders. `player` is the name of a character in the world. */
export type GamemasterOrder =
  /** The player is saved, told `text` if there is any, and disconnected. */
  | { readonly order: "kick"; readonly player: string; readonly text?: string }
  /** The account of the player may not speak for so long. 0: it may speak again. */
  | { readonly order: "mute"; readonly player: string; readonly minutes: number }
  /** Brings the own character to the player, or the player to the own character. */
  | { readonly order: "go-to" | "summon"; readonly player: string }
  /** All players on the own map, in the world, or in all worlds get the event `announced`. */
  | { readonly order: AnnouncementOrder; readonly text: string };

/** Each order has all fields on the wire. */
const noFields = { player: "", text: "", minutes: 0 } as const;

export const packedOrder = (order: GamemasterOrder) => ({ ...noFields, ...order });
