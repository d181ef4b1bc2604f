import type { charDoorMessages, loginDoorMessages, mapDoorEvents } from "@sallyport/dialects/native";
import type { CharId } from "@sallyport/domain";
import type { MessageOf, ReplyOf } from "@sallyport/wire";
import type { ToldOf } from "./connection.ts";
import type { GameMessage, GameTypes, ShownOf, UnknownGame } from "./game-shape.ts";

/** The login ids, and the worlds. */
export interface LoggedIn extends ReplyOf<typeof loginDoorMessages, "login.password"> {}
/** A character of the account, as character select shows it. */
export interface CharacterSummary extends ReplyOf<typeof charDoorMessages, "char.create"> {}
/** An open world, and the address of its char-server. */
export type World = LoggedIn["worlds"][number];
export type MapDoorEvent = ToldOf<typeof mapDoorEvents>;
export type MapHop = Extract<MapDoorEvent, { type: "map.hop" }>;

/** These events hold values of the game as bytes. */
type Packed = "actor.appeared" | "actor.changed" | "character.changed" | "game.event";

/** Another actor in view. */
export type Actor<T extends GameTypes = UnknownGame> = Omit<
  MessageOf<typeof mapDoorEvents, "actor.appeared">,
  "type" | "shown"
> & {
  /** What the game shows of it. Empty if that is nothing. */
  readonly shown: ShownOf<T>;
};

/**
 * The events that listeners of a `Game` get. `map.hop` is not one of them: the SDK connects to the other
 * map-server and reports `map.changed`.
 */
export type GameEvent<T extends GameTypes = UnknownGame> =
  | Exclude<MapDoorEvent, MapHop | { type: Packed }>
  | ({ readonly type: "actor.appeared" } & Actor<T>)
  | { readonly type: "actor.changed"; readonly charId: CharId; readonly shown: ShownOf<T> }
  /** The whole value of `Game.character`. */
  | { readonly type: "character.changed"; readonly character: ShownOf<T> }
  | GameMessage<T>;
