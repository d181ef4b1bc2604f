import type { ActorIt, Refusing, ShopPart } from "./recorder.ts";
import type { NameOf, Shape } from "./shape.ts";

/** What an actor says, and what can follow. Without `choices` and `then` the dialogue ends with it. */
export interface Page {
  readonly says: string;
  /** By label: the page that follows, or null for the end of the dialogue. */
  readonly choices?: { readonly [label: string]: string | null };
  /** The page that follows when the player has read this one. */
  readonly then?: string;
}

interface AnyActorDefinition<State> {
  /** What players read. */
  readonly name: string;
  /** The number of the picture for clients, unsigned 16-bit. */
  readonly class?: number;
  /** The state of a new actor. It is in memory. */
  readonly state?: State;
  /** How near a player must be to click or take the actor, in cells. Default: 5. */
  readonly reachCells?: number;
}

export interface WareDefinition<S extends Shape> {
  readonly item: NameOf<S["items"]>;
  /** For one piece. */
  readonly price: number;
}

type NpcIt<S extends Shape, N extends keyof S["actors"]> = ActorIt<S, N> & ShopPart;

export interface NpcDefinition<S extends Shape, N extends keyof S["actors"]>
  extends AnyActorDefinition<S["actors"][N]> {
  readonly kind: "npc";
  /** Runs first when a player clicks the actor. Then its dialogue begins, or else its shop opens. */
  readonly clicked?: (it: NpcIt<S, N>) => void;
  /** Pages by name. The first is `start`. A page that returns null ends the dialogue. */
  readonly dialogue?: Readonly<Record<string, Page | ((it: NpcIt<S, N>) => Page | null)>>;
  readonly shop?: readonly WareDefinition<S>[];
}

/** How a monster moves by itself. */
export interface Mind {
  /** It stays within this many cells of the cell where it appeared. */
  readonly wanders: number;
  readonly everyMs: number;
  /** It walks to the nearest player within this many cells. */
  readonly chases?: number;
}

export interface MonsterDefinition<S extends Shape, N extends keyof S["actors"]>
  extends AnyActorDefinition<S["actors"][N]> {
  readonly kind: "monster";
  readonly mind?: Mind;
  /** A player clicked the monster. */
  readonly clicked?: (it: ActorIt<S, N>) => void;
  /** The monster and a player came to the same or to neighbouring cells. */
  readonly touched?: (it: ActorIt<S, N>) => void;
}

export interface ItemDefinition<S extends Shape, N extends keyof S["actors"]>
  extends AnyActorDefinition<S["actors"][N]> {
  readonly kind: "item";
  /** A player took it. It is removed, unless the handler refuses. */
  readonly taken: (it: ActorIt<S, N> & Refusing<TakeRefusal>) => void;
}
export type TakeRefusal = "no-room";

export type ActorDefinition<S extends Shape, N extends keyof S["actors"]> =
  | NpcDefinition<S, N>
  | MonsterDefinition<S, N>
  | ItemDefinition<S, N>;

export type ActorDefinitions<S extends Shape> = {
  readonly [N in keyof S["actors"]]: ActorDefinition<S, N>;
};
