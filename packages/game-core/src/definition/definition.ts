import type { Cell } from "@sallyport/map-world";
import type { Command, CommandName } from "../messages/messages.ts";
import type { StandardSchema } from "../schema/standard-schema.ts";
import type { ActorDefinitions } from "./actor-definition.ts";
import type { MapInfo } from "./map-info.ts";
import type { MapIt, ObjectInfo, PlayerIt, Refusing } from "./recorder.ts";
import type { NameOf, Shape } from "./shape.ts";

/**
 * The schema of a state. Its output must be a value that it accepts again and leaves as it is, because states
 * are validated each time they change.
 */
export type StateSchema<State> = StandardSchema<unknown, State>;

export interface CharacterDefinition<State> {
  readonly schema: StateSchema<State>;
  /** A whole number from 1. Raise it with each change of the schema that older states do not fit. Default: 1. */
  readonly version?: number;
  /** The state of a new character. */
  readonly initial: State;
  /**
   * From version `n` to version `n + 1`; they run as a character is loaded. Attributes that no game has
   * written have version 0.
   */
  // biome-ignore lint/suspicious/noExplicitAny: old states have types that only the author knows.
  readonly migrations?: { readonly [from: number]: (old: any) => object };
  /** Keys that the character's own client is shown. */
  readonly own?: readonly NameOf<State>[];
  /** Keys that all clients are shown that see the character, and its own. */
  readonly shown?: readonly NameOf<State>[];
}

/** The state of a map is in memory: it is gone when the map-server stops or passes the map on. */
export interface MapDefinition<State> {
  readonly schema: StateSchema<State>;
  readonly initial: (map: MapInfo) => State;
}

/** The state of the world under one key. It is stored, and all maps share it. */
export interface WorldDefinition<State> {
  readonly schema: StateSchema<State>;
  readonly initial: State;
}

export interface ChangeDefinition<State, Input> {
  /** Null if the change takes no input. */
  readonly input: StandardSchema<unknown, Input> | null;
  /** Pure. It runs again if another map-server changed the state meanwhile. */
  readonly apply: (state: Readonly<State>, input: Input) => State;
}

type StateUnder<S extends Shape, K> = K extends keyof S["world"] ? S["world"][K] : never;

export interface TimerDefinition<S extends Shape, Data> {
  /** Null if the timer carries no data. */
  readonly data: StandardSchema<unknown, Data> | null;
  readonly run: (it: MapIt<S>, data: Data) => void;
}

/** A purchase that `bought` decides. */
export interface Bought<S extends Shape> {
  readonly item: NameOf<S["items"]>;
  readonly amount: number;
  /** For all pieces. */
  readonly price: number;
}
export type PurchaseRefusal = "too-dear" | "no-room";

/** A game. Handlers are synchronous. */
export interface GameDefinition<S extends Shape> {
  readonly name: string;
  readonly messages?: S["messages"];
  readonly character?: CharacterDefinition<S["character"]>;
  readonly map?: MapDefinition<S["map"]>;
  readonly world?: { readonly [K in keyof S["world"]]: WorldDefinition<S["world"][K]> } & {
    readonly [K in keyof S["changes"]]: {
      readonly changes?: {
        readonly [N in keyof S["changes"][K]]: ChangeDefinition<StateUnder<S, K>, S["changes"][K][N]>;
      };
    };
  };
  readonly items?: S["items"];
  /** By class of map objects: the schema of their properties. A map that does not fit is refused. */
  readonly objects?: { readonly [C in keyof S["objects"]]: StateSchema<S["objects"][C]> };
  readonly timers?: { readonly [N in keyof S["timers"]]: TimerDefinition<S, S["timers"][N]> };
  readonly actors?: ActorDefinitions<S>;
  /** By name: what the game does when a client sends this command. */
  readonly commands?: {
    readonly [N in CommandName<S["messages"]>]: (
      it: PlayerIt<S> & Refusing<string>,
      input: Command<S["messages"], N>,
    ) => void;
  };
  readonly tick?: {
    readonly everyMs: number;
    /** Runs on each map. */
    readonly run: (it: MapIt<S>) => void;
  };
  /** The map begins: its actors are placed, and nobody has entered. */
  readonly opened?: (it: MapIt<S>) => void;
  /** The player is on the map. */
  readonly entered?: (it: PlayerIt<S>) => void;
  /** The player is off the map. What the handler sets is saved. */
  readonly left?: (it: PlayerIt<S>) => void;
  /** The player came to this cell. */
  readonly stepped?: (it: PlayerIt<S>, cell: Cell) => void;
  /** The player said this. Those who are near have heard it. */
  readonly said?: (it: PlayerIt<S>, text: string) => void;
  /** The player came into a zone of the map. It also runs after `entered`. */
  readonly zoneEntered?: (it: PlayerIt<S>, zone: ObjectInfo<S, "zone">) => void;
  /** The player is out of a zone. It also runs before `left`. */
  readonly zoneLeft?: (it: PlayerIt<S>, zone: ObjectInfo<S, "zone">) => void;
  /** Decides a purchase: takes the price and gives the item, or refuses. */
  readonly bought?: (it: PlayerIt<S> & Refusing<PurchaseRefusal>, purchase: Bought<S>) => void;
  /** A map-server changed the state of the world under this key. `state` is the new one. */
  readonly worldChanged?: (
    it: MapIt<S>,
    ...change: { [K in NameOf<S["world"]>]: [key: K, state: Readonly<S["world"][K]>] }[NameOf<S["world"]>]
  ) => void;
}
