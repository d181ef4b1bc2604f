import type { ActorKind, CharId, Json, Position, Score, Ware } from "@sallyport/domain";
import type { ActorId, Cell } from "@sallyport/map-world";
import type { LoadedCharacter } from "../character/character-state.ts";

/** What clients are shown of an actor that is no player. */
export interface ActorLooks {
  readonly kind: Exclude<ActorKind, "player">;
  readonly name: string;
  readonly class?: number;
}

/** What the map-server carries out, in this order. Event bodies are encoded: see `packValue` of wire. */
export type Effect =
  | ({ readonly type: "spawn"; readonly actor: ActorId; readonly cell: Cell } & ActorLooks)
  | { readonly type: "despawn"; readonly actor: ActorId }
  | { readonly type: "walk"; readonly actor: ActorId; readonly to: Cell }
  | { readonly type: "speak"; readonly actor: ActorId; readonly text: string }
  | { readonly type: "warp"; readonly charId: CharId; readonly to: Position }
  /** The state of the character from now on, and the attributes to save. */
  | { readonly type: "set"; readonly charId: CharId; readonly character: LoadedCharacter }
  /** For the character's own client: what changed of the keys in `own` and `shown`, or after `entered` all. */
  | { readonly type: "character.changed"; readonly charId: CharId; readonly changes: Uint8Array }
  /** For all who see the character: the complete value of `MapGame.shownOf`. */
  | { readonly type: "actor.changed"; readonly charId: CharId; readonly shown: Uint8Array }
  | {
      readonly type: "send";
      readonly to: readonly CharId[];
      readonly name: string;
      readonly body: Uint8Array;
    }
  | {
      readonly type: "dialogue.said";
      readonly charId: CharId;
      readonly actor: ActorId;
      readonly text: string;
    }
  | {
      readonly type: "dialogue.asked";
      readonly charId: CharId;
      readonly actor: ActorId;
      readonly choices: readonly string[];
    }
  | { readonly type: "dialogue.paused"; readonly charId: CharId; readonly actor: ActorId }
  | { readonly type: "dialogue.ended"; readonly charId: CharId; readonly actor: ActorId }
  | {
      readonly type: "shop.offered";
      readonly charId: CharId;
      readonly actor: ActorId;
      readonly goods: readonly Ware[];
    }
  /** See `applyChange`. */
  | {
      readonly type: "change-world";
      readonly key: string;
      readonly change: string;
      readonly input: Json;
    }
  /** For a board of the resource-servers. */
  | { readonly type: "submit-score"; readonly charId: CharId; readonly score: Score }
  /** The attributes do not fit a reloaded game. The player must leave; nothing of it is overwritten. */
  | { readonly type: "misfit"; readonly charId: CharId; readonly reason: string }
  /** A handler failed, and nothing else of it happens. */
  | { readonly type: "fault"; readonly handler: string; readonly error: unknown };

export type EffectOf<T extends Effect["type"]> = Extract<Effect, { readonly type: T }>;
