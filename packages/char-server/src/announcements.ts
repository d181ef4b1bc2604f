import type { Announced } from "@sallyport/domain";
import type { MapServer } from "./map-hosting.ts";

/**
 * Shows announcements to the players of this world. A map-server without a link does not hear of them, because
 * an announcement that comes late would be wrong.
 */
export class Announcements {
  readonly #mapServers: () => readonly Pick<MapServer, "link">[];

  constructor(mapServers: () => readonly Pick<MapServer, "link">[]) {
    this.#mapServers = mapServers;
  }

  /** Null: on all maps. A map can have players on two map-servers, so all of them are told. */
  announce({ text, from }: Announced, map: string | null): void {
    for (const { link } of this.#mapServers()) link.notify({ type: "announcement", text, from, map });
  }
}
