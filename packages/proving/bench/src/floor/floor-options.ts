import type { Stores } from "./stores.ts";

export interface FloorOptions {
  readonly stores: Stores;
  /**
   * Clients connect to the first three ports. The map-server listens at `link`, and the char-server connects
   * to this port.
   */
  readonly ports: Readonly<Record<"login" | "char" | "map" | "link", number>>;
}

/** All servers of the floor listen on this address. */
export const host = "127.0.0.1";
