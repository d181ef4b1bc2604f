import type { CharId, JsonObject } from "@sallyport/domain";
import type { ActorId, Cell, MapObject } from "@sallyport/map-world";
import type { LoadedCharacter } from "../character/character-state.ts";
import type { Game } from "../definition/game.ts";
import type { MapInfo } from "../definition/map-info.ts";

type State = { readonly [key: string]: unknown };

export interface PlayerEntry {
  readonly charId: CharId;
  readonly name: string;
  /** The last known cell, for a player that has just left. */
  readonly cell: Cell;
  readonly character: LoadedCharacter;
}

export interface ActorEntry {
  readonly id: ActorId;
  /** The name of its definition. */
  readonly name: string;
  /** Where it appeared. */
  readonly home: Cell;
  readonly state: State;
  readonly properties: JsonObject;
}

/** Where a player is in a dialogue. */
export interface Dialogue {
  readonly actor: ActorId;
  readonly awaits:
    | { readonly type: "next"; readonly then: string }
    | { readonly type: "choice"; readonly pages: readonly (string | null)[] };
}

export interface Timer {
  readonly atMs: number;
  readonly name: string;
  readonly data: unknown;
}

/** Everything that the game keeps of one map. Entries are replaced, never changed. */
export interface MapState {
  readonly game: Game;
  readonly map: MapInfo;
  /** The map objects by class, with their properties as the schemas of the game return them. */
  readonly objects: Map<string, readonly MapObject[]>;
  readonly newActorId: () => ActorId;
  /** Whether any monster of the game does something when it touches a player. */
  readonly hasTouches: boolean;
  readonly players: Map<CharId, PlayerEntry>;
  readonly actors: Map<ActorId, ActorEntry>;
  readonly dialogues: Map<CharId, Dialogue>;
  /** The actor whose shop is open for the player. */
  readonly shops: Map<CharId, ActorId>;
  /** When each monster with a mind acts again. */
  readonly minds: Map<ActorId, number>;
  /** Players that each monster touches now. */
  readonly contacts: Map<ActorId, ReadonlySet<CharId>>;
  /** By the order in which they started. */
  readonly timers: Map<number, Timer>;
  readonly world: Map<string, unknown>;
  /** The state of the map, under the one key `map`. */
  readonly own: Map<"map", State>;
  /** The next key in `timers`, and the time of the next tick, under these keys. */
  readonly counters: Map<"timer" | "tick", number>;
}

export const emptyState = (game: Game, map: MapInfo, newActorId: () => ActorId): MapState => ({
  game,
  map,
  newActorId,
  objects: new Map(),
  hasTouches: Object.values(game.definition.actors ?? {}).some((actor) => "touched" in actor),
  players: new Map(),
  actors: new Map(),
  dialogues: new Map(),
  shops: new Map(),
  minds: new Map(),
  contacts: new Map(),
  timers: new Map(),
  world: new Map(),
  own: new Map(),
  counters: new Map(),
});
