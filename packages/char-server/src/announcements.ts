import type { Announced } from "@sallyport/domain";
import type { MapHosting } from "./map-hosting.ts";

/**
 * Shows announcements to the players of this world. A map-server without a link does not hear of them, because
 * an announcement that comes late would be wrong. One of an older version would not understand them.
 */
export class Announcements {
  readonly #hosting: Pick<MapHosting, "hearing">;

  constructor(hosting: Pick<MapHosting, "hearing">) {
    this.#hosting = hosting;
  }

  /** Null: on all maps. A map can have players on two map-servers, so all of them are told. */
  announce({ text, from }: Announced, map: string | null): void {
    for (const { link } of this.#hosting.hearing) link.notify({ type: "announcement", text, from, map });
  }
}
