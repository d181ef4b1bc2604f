import type { EventOf, MapDoor } from "@sallyport/domain";
import type { ActorId } from "@sallyport/map-world";
import type { Player } from "./player.ts";

export type Sight = Extract<EventOf<MapDoor>, { type: `actor.${string}` }>;

interface Onlooker {
  readonly player: Player;
  hasUnsent: boolean;
}

/** The players on one map. What they are shown waits for `flush`, which makes one write for each of them. */
export class Onlookers {
  readonly #byId = new Map<ActorId, Onlooker>();
  #unsent: Onlooker[] = [];

  /** True if `flush` has something to do. */
  get isWaiting(): boolean {
    return this.#unsent.length > 0;
  }

  add(player: Player): void {
    this.#byId.set(player.charId, { player, hasUnsent: false });
  }

  remove(id: ActorId): void {
    this.#byId.delete(id);
  }

  find(id: ActorId): Player | undefined {
    return this.#byId.get(id)?.player;
  }

  show(id: ActorId, sight: Sight): void {
    const onlooker = this.#byId.get(id);
    const client = onlooker?.player.client;
    if (onlooker === undefined || client === null || client === undefined) return;
    client.show(sight);
    if (onlooker.hasUnsent) return;
    onlooker.hasUnsent = true;
    this.#unsent.push(onlooker);
  }

  flush(): void {
    const unsent = this.#unsent;
    // A client whose connection fails in its flush leaves the map, and others are shown that.
    this.#unsent = [];
    for (const onlooker of unsent) {
      onlooker.hasUnsent = false;
      onlooker.player.client?.flush();
    }
  }
}
