import type { Stores } from "./stores.ts";

export interface FloorOptions {
  readonly stores: Stores;
  /** The ports of the doors for clients, and the port where the map-server listens for the char-server. */
  readonly ports: Readonly<Record<"login" | "char" | "map" | "link", number>>;
}

/** All servers of the floor listen on this address. */
export const host = "127.0.0.1";
