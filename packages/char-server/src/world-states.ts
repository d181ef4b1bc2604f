import { type mapToChar, parseWorldValue } from "@sallyport/cluster-protocol";
import type { WorldStateStore } from "@sallyport/database";
import { accepted } from "@sallyport/domain";
import type { HandlerAnswer } from "@sallyport/link";
import type { MessageOf } from "@sallyport/wire";
import type { MapServer } from "./map-hosting.ts";

export interface WorldStateNeeds {
  readonly store: WorldStateStore;
  readonly world: string;
  readonly mapServers: () => readonly Pick<MapServer, "incarnation" | "link">[];
}

type Message<N extends keyof typeof mapToChar> = MessageOf<typeof mapToChar, N>;
type Answer<N extends keyof typeof mapToChar> = Promise<HandlerAnswer<typeof mapToChar, N>>;

/**
 * Reads and changes the state of the world for map-servers, which reach no store. Tells all other map-servers
 * about each change. Every method can throw `Unavailable`.
 */
export class WorldStates {
  readonly #needs: WorldStateNeeds;

  constructor(needs: WorldStateNeeds) {
    this.#needs = needs;
  }

  async read({ keys }: Pick<Message<"world.read">, "keys">): Answer<"world.read"> {
    const { store, world } = this.#needs;
    const stored = await store.read(world, keys);
    const states = [...stored].map(([key, { version, value }]) => ({
      ...{ key, version },
      value: value === undefined ? null : JSON.stringify(value),
    }));
    return accepted({ states });
  }

  /** `incarnation` is the map-server that asks. */
  async change(
    incarnation: string,
    { key, version, value, writer, number }: Omit<Message<"world.change">, "type">,
  ): Answer<"world.change"> {
    const { store, world, mapServers } = this.#needs;
    const write = { version, value: parseWorldValue(value), writeId: { writer, number } };
    const changed = await store.change(world, key, write);
    if (!changed.ok) return changed;
    const { isNew, version: newest } = changed.value;
    const others = mapServers().filter((other) => other.incarnation !== incarnation);
    if (isNew)
      for (const { link } of others) link.notify({ type: "world.changed", key, version: newest, value });
    return accepted({ version: newest });
  }
}
