import type { charDoorMessages, loginDoorMessages, mapDoorEvents } from "@sallyport/dialects/native";
import type { MessageOf, ReplyOf } from "@sallyport/wire";
import type { ToldOf } from "./connection.ts";

/* The part of logins, worlds and maps that native clients see: less than the servers know. */

export type LoggedIn = ReplyOf<typeof loginDoorMessages, "login.password">;
export type CharacterSummary = ReplyOf<typeof charDoorMessages, "char.create">;
export type World = LoggedIn["worlds"][number];
type MapDoorEvent = ToldOf<typeof mapDoorEvents>;
export type MapHop = Extract<MapDoorEvent, { type: "map.hop" }>;
/** A hop to another map-server is followed by the SDK. Listeners get `map.changed` when it is done. */
export type GameEvent = Exclude<MapDoorEvent, MapHop>;
/** Another character in view. */
export type Actor = Omit<MessageOf<typeof mapDoorEvents, "actor.appeared">, "type">;
