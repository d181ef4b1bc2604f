import type { CharDoor, CharId, MapDoor, MapEntered, Outcome } from "@sallyport/domain";
import type { DoorAddress } from "./connection.ts";
import type { MapConnection } from "./doors.ts";
import type { AnswerAt, RefusalFor } from "./refusals.ts";

/* The step from one server to the next: what it needs, and how it can be refused. */

/** The map-server that expects the character. Part of the char-server's answer to a choice. */
export interface HandedOver extends DoorAddress {
  readonly charId: CharId;
  readonly map: string;
  /** The char-server to which `backToCharSelect` connects. */
  readonly world: DoorAddress;
}

export type EnterWorldRefusal = RefusalFor<CharDoor, "char.enter"> | "unreachable" | "banned";
export type ChooseRefusal = RefusalFor<CharDoor, "char.choose"> | EnterMapRefusal;

export type EnterMapRefusal = RefusalFor<MapDoor, "map.enter"> | "unreachable" | "banned";
export type LeaveRefusal = RefusalFor<MapDoor, "map.leave">;
export type LeaveAnswer = AnswerAt<MapDoor, "map.leave">;

export interface EnteredMap {
  readonly connection: MapConnection;
  readonly place: MapEntered;
}
export type Hopped = Outcome<EnteredMap, EnterMapRefusal>;
/** Connects to a map-server and enters the map there. */
export type EnterMap = (address: DoorAddress, charId: CharId) => Promise<Hopped>;
