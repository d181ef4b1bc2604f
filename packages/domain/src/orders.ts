import type { Position } from "./character.ts";
import type { AccountId } from "./ids.ts";

/** An announcement is shown on the map of the gamemaster, in its world, or in all worlds. */
export const announcements = ["announce-map", "announce-world", "announce-all"] as const;
export type AnnouncementOrder = (typeof announcements)[number];

export const orderNames = ["kick", "mute", "go-to", "summon", ...announcements] as const;
export type OrderName = (typeof orderNames)[number];

/** The name of a character in the world, or the account id of a player on the same map-server. */
export type OrderedPlayer = string | AccountId;

/** What a gamemaster orders on a map. */
export type Order =
  /** The player is shown the text, which may be empty. */
  | { readonly order: "kick"; readonly player: OrderedPlayer; readonly text: string }
  /** 0 minutes: the account may speak again. */
  | { readonly order: "mute"; readonly player: OrderedPlayer; readonly minutes: number }
  | { readonly order: "go-to"; readonly player: OrderedPlayer }
  | { readonly order: "go"; readonly place: Position }
  | { readonly order: "summon"; readonly player: OrderedPlayer }
  | {
      readonly order: AnnouncementOrder;
      readonly text: string;
      /** False: players are not shown the name of the gamemaster. By default true. */
      readonly isSigned?: boolean;
    };

/** `textMax` is in UTF-16 units. */
export const orderBounds = { textMax: 200, minutesMax: 525_600 } as const;

/** What players are shown of an announcement. */
export interface Announced {
  readonly text: string;
  /** The name of the character that ordered it. Null: it is not signed. */
  readonly from: string | null;
}
