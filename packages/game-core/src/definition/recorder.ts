import type { CharId, JsonObject, Position } from "@sallyport/domain";
import type { ActorId, Cell } from "@sallyport/map-world";
import type { EventInput, EventName } from "../messages/messages.ts";
import type { MapInfo } from "./map-info.ts";
import type { DataArgument, NameOf, Shape } from "./shape.ts";

export interface PlayerInfo extends Cell {
  readonly charId: CharId;
  readonly name: string;
}

/** The properties of map objects by class. `objects` of the game types them. */
type PropertiesByClass<S extends Shape> = S["objects"] & { readonly [className: string]: JsonObject };

/** What the author of the map placed. The object has the cells from `x,y`, its north-west cell. */
export interface ObjectInfo<S extends Shape, C extends string> extends Cell {
  readonly class: C;
  /** Can be empty. Several objects can have the same name. */
  readonly name: string;
  /** In cells, at least 1. */
  readonly width: number;
  readonly height: number;
  readonly properties: PropertiesByClass<S>[C];
}

export interface ActorInfo<S extends Shape, N extends keyof S["actors"]> extends Cell {
  readonly id: ActorId;
  /** The name of the actor's definition. */
  readonly name: N;
  readonly state: Readonly<S["actors"][N]>;
  /** Those of the map object that placed it, or of `spawn`. */
  readonly properties: PropertiesByClass<S>[N & string];
}

export interface SpawnOptions<State, Properties> {
  /** Merged into the initial state of the actor. */
  readonly state?: Partial<State>;
  /** As a map object would have them. By default there are none. */
  readonly properties?: Properties;
}

/**
 * What every handler gets. The methods record what shall happen, and all of it happens after the handler
 * returns, in this order. If the handler throws, nothing happens. What a handler reads includes what it has
 * recorded, except the cells of actors, which only move later.
 */
export interface MapIt<S extends Shape> {
  readonly nowMs: number;
  /** From 0 up to but not including 1. Use nothing else that is random. */
  random(): number;
  /** The players on this map. */
  readonly players: readonly PlayerIt<S>[];
  /** The actors with this name on this map. */
  actors<N extends NameOf<S["actors"]>>(name: N): readonly ActorInfo<S, N>[];
  readonly map: Omit<MapInfo, "objects"> & { readonly state: Readonly<S["map"]> };
  /** The map objects of this class, in the order of the file. */
  objects<C extends string>(className: C): readonly ObjectInfo<S, C>[];
  /** The zones of the map that have this cell. */
  zonesAt(cell: Cell): readonly ObjectInfo<S, "zone">[];
  /** Merges into the state of the map. */
  setMap(changes: Partial<S["map"]>): void;
  /** To all players on this map. */
  sendAll<N extends EventName<S["messages"]>>(event: N, body: EventInput<S["messages"], N>): void;
  /** To all players within `reachCells` of a cell. A diagonal step counts as one cell. */
  sendNear<N extends EventName<S["messages"]>>(
    cell: Cell,
    reachCells: number,
    event: N,
    body: EventInput<S["messages"], N>,
  ): void;
  /** The id of the new actor. */
  spawn<N extends NameOf<S["actors"]>>(
    name: N,
    cell: Cell,
    options?: SpawnOptions<S["actors"][N], PropertiesByClass<S>[N]>,
  ): ActorId;
  /** Removes an actor. Does nothing if it is gone already. */
  remove(actor: ActorId): void;
  /** Lets an actor walk to a cell. It stays where it is if there is no way. */
  walk(actor: ActorId, to: Cell): void;
  /** Whether the cell is on this map and no wall. */
  isWalkable(cell: Cell): boolean;
  /** The newest known state. Another map-server may have changed it since. */
  world<K extends NameOf<S["world"]>>(key: K): Readonly<S["world"][K]>;
  /** Changes the state of the world. The outcome arrives later, as `worldChanged`. */
  changeWorld<K extends NameOf<S["world"]>, N extends ChangeName<S, K>>(
    key: K,
    change: N,
    ...input: DataArgument<ChangeInput<S, K, N>>
  ): void;
  /** Starts a timer of this map. It is gone if the map-server stops. */
  after<N extends NameOf<S["timers"]>>(ms: number, timer: N, ...data: DataArgument<S["timers"][N]>): void;
}

export type ChangesOf<S extends Shape, K> = K extends keyof S["changes"] ? S["changes"][K] : never;
export type ChangeName<S extends Shape, K> = NameOf<ChangesOf<S, K>>;
export type ChangeInput<S extends Shape, K, N extends ChangeName<S, K>> = ChangesOf<S, K>[N];

/** What a handler gets that serves one player. */
export interface PlayerIt<S extends Shape> extends MapIt<S> {
  readonly player: PlayerInfo;
  /** The state of the character. */
  readonly character: Readonly<S["character"]>;
  /** Merges into the state of the character. */
  set(changes: Partial<S["character"]>): void;
  /** To the player. */
  send<N extends EventName<S["messages"]>>(event: N, body: EventInput<S["messages"], N>): void;
  /** Puts the player on a cell of any map of the world. */
  warp(to: Position): void;
  /**
   * Submits a result of the player for a board of the resource-servers. The board need not exist yet. `board`
   * is 1 to 64 visible characters, `score` finite, and `comment` at most 255 characters on one line.
   */
  submitScore(board: string, score: number, comment?: string): void;
}

/** What a handler of an actor gets, besides. */
export interface ActorPart<S extends Shape, N extends keyof S["actors"]> {
  readonly actor: ActorInfo<S, N>;
  /** Merges into the state of the actor. */
  setActor(changes: Partial<S["actors"][N]>): void;
  /** The actor says it to all who see it. */
  say(text: string): void;
}

export type ActorIt<S extends Shape, N extends keyof S["actors"]> = PlayerIt<S> & ActorPart<S, N>;

export interface ShopPart {
  /** Offers the goods of the actor's `shop` to the player. */
  openShop(): void;
}

export interface Refusing<Word extends string> {
  /** Ends the handler: nothing of it happens, and the client gets the word. */
  refuse(word: Word): never;
}
