import type { charDoorMessages, loginDoorMessages, mapDoorEvents } from "@sallyport/dialects/native";
import type { MessageOf, ReplyOf } from "@sallyport/wire";
import type { ToldOf } from "./connection.ts";

export type LoggedIn = ReplyOf<typeof loginDoorMessages, "login.password">;
export type CharacterSummary = ReplyOf<typeof charDoorMessages, "char.create">;
export type World = LoggedIn["worlds"][number];
type MapDoorEvent = ToldOf<typeof mapDoorEvents>;
export type MapHop = Extract<MapDoorEvent, { type: "map.hop" }>;
/**
 * The events that listeners of a `Game` get. `map.hop` is not one of them: the SDK connects to the other
 * map-server and reports `map.changed`.
 */
export type GameEvent = Exclude<MapDoorEvent, MapHop>;
/** Another actor in view. */
export type Actor = Omit<MessageOf<typeof mapDoorEvents, "actor.appeared">, "type">;
