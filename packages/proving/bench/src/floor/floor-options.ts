import type { Stores } from "./stores.ts";

export interface FloorOptions {
  readonly stores: Stores;
  /** The doors for clients, and the port where the map-server listens for the char-server. */
  readonly ports: Readonly<Record<"login" | "char" | "map" | "link", number>>;
}

/** Every server of the floor is here. */
export const host = "127.0.0.1";
