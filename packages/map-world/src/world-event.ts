import type { ActorId, Placed } from "./area.ts";
import type { Cell, Warp } from "./grid-map.ts";

/** Clients must get the events in the order in which they are returned. */
export type WorldEvent =
  /** The actor and each of the others now see each other. Tell both sides. */
  | { readonly type: "met"; readonly actor: Placed; readonly others: readonly Placed[] }
  /** The actor and each of the others no longer see each other. */
  | { readonly type: "parted"; readonly actor: ActorId; readonly others: readonly ActorId[] }
  /**
   * The actor ended a step. `watchers` are the actor itself and all players that saw it before the step and
   * still see it. After a report, the actor itself is not among them.
   */
  | {
      readonly type: "moved";
      readonly actor: ActorId;
      readonly x: number;
      readonly y: number;
      readonly path: readonly Cell[];
      readonly walked: number;
      readonly watchers: readonly ActorId[];
      /** Present if the actor is still on the same cell. This happens only after a report. */
      readonly isWithinCell?: true;
    }
  /**
   * The actor began to walk, changed its path, or stopped. `path` holds all cells ahead. `watchers` are the
   * actor itself and all players that see it. After a report, the actor itself is not among them.
   */
  | {
      readonly type: "walks";
      readonly actor: Placed;
      readonly path: readonly Cell[];
      readonly watchers: readonly ActorId[];
    }
  /** The actor ended a step on a warp. It stands on the warp until the caller moves it. */
  | { readonly type: "warped"; readonly actor: ActorId; readonly warp: Warp };
