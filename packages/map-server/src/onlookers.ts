import type { ActorId, MapWorld } from "@sallyport/map-world";
import type { Player } from "./player.ts";
import { type Appearance, MissedSight, type Sight } from "./sight.ts";

interface Onlooker {
  readonly player: Player;
  /**
   * How the player appears to the others, until it moves. All who come to see it are shown the same object, so
   * that it is encoded once.
   */
  appearance: Appearance | null;
  /** Null unless the client is behind. */
  missed: MissedSight | null;
  hasUnsent: boolean;
}

/** A client is behind while more bytes than this wait for it, until it has taken almost all of them. */
export const unreadBytesMax = 64 << 10;
const caughtUpBytes = 4 << 10;
/** The work of one `flush`, about 20 ms at most: longer turns of the event loop would delay links. */
export const writesMax = 1_000;
const catchUpsMax = 50;

/** The players on one map. What they are shown waits for `flush`, which makes one write for each of them. */
export class Onlookers {
  readonly #world: Pick<MapWorld, "see" | "position" | "courseOf">;
  readonly #stepMs: number;
  readonly #byId = new Map<ActorId, Onlooker>();
  readonly #unsent: Onlooker[] = [];
  readonly #behind = new Set<Onlooker>();

  constructor(world: Pick<MapWorld, "see" | "position" | "courseOf">, stepMs: number) {
    this.#world = world;
    this.#stepMs = stepMs;
  }

  /** True if `flush` has something to do, or will have when a client has read. */
  get isWaiting(): boolean {
    return this.#unsent.length > 0 || this.#behind.size > 0;
  }

  add(player: Player): void {
    this.#byId.set(player.charId, { player, appearance: null, missed: null, hasUnsent: false });
  }

  remove(id: ActorId): void {
    const onlooker = this.#byId.get(id);
    if (onlooker !== undefined) this.#behind.delete(onlooker);
    this.#byId.delete(id);
  }

  find(id: ActorId): Player | undefined {
    return this.#byId.get(id)?.player;
  }

  /** Call this when the actor has moved, or has changed its walk. */
  changed(id: ActorId): void {
    const onlooker = this.#byId.get(id);
    if (onlooker !== undefined) onlooker.appearance = null;
  }

  show(to: readonly ActorId[], sight: Sight): void {
    for (const id of to) {
      const onlooker = this.#byId.get(id);
      if (onlooker !== undefined) this.#show(onlooker, sight);
    }
  }

  /** Shows that an actor is there. Leaves out the actor itself. */
  showActor(to: readonly ActorId[], id: ActorId): void {
    const shown = this.#byId.get(id);
    if (shown === undefined) return;
    for (const other of to) {
      const onlooker = this.#byId.get(other);
      if (onlooker !== undefined && other !== id) this.#show(onlooker, this.#appearanceOf(shown));
    }
  }

  /** Shows one player that these actors are there, whatever it was shown before. Leaves out itself. */
  showAll(to: ActorId, ids: readonly ActorId[]): void {
    const onlooker = this.#byId.get(to);
    if (onlooker === undefined) return;
    this.#catchUp(onlooker, []);
    for (const id of ids) {
      const other = this.#byId.get(id);
      if (other !== undefined && id !== to) this.#show(onlooker, this.#appearanceOf(other));
    }
  }

  /**
   * Writes to each client that was shown something, and catches up with clients that have read. Does a bounded
   * part of the work. Returns false if there is more to do.
   */
  flush(): boolean {
    let caughtUp = 0;
    for (const onlooker of this.#behind) {
      const { player, missed } = onlooker;
      if (missed === null || (player.client?.unreadBytes ?? 0) > caughtUpBytes) continue;
      if (caughtUp === catchUpsMax) break;
      caughtUp += 1;
      this.#catchUp(
        onlooker,
        missed.newest((id) => this.#inViewOf(player, id)),
      );
    }
    // A client whose connection fails in its flush leaves the map, and others are shown that.
    for (const onlooker of this.#unsent.splice(0, writesMax)) {
      onlooker.hasUnsent = false;
      const { client } = onlooker.player;
      if (client === null) continue;
      client.flush();
      if (client.unreadBytes > unreadBytesMax) this.#fallBehind(onlooker);
    }
    return this.#unsent.length === 0 && caughtUp < catchUpsMax;
  }

  #show(onlooker: Onlooker, sight: Sight): void {
    const { player, missed } = onlooker;
    const { client } = player;
    if (client === null) return;
    // What a player does itself is an answer to its client.
    if (missed !== null && sight.charId !== player.charId) return missed.miss(sight);
    client.show(sight);
    if (onlooker.hasUnsent) return;
    onlooker.hasUnsent = true;
    this.#unsent.push(onlooker);
  }

  #fallBehind(onlooker: Onlooker): void {
    if (onlooker.missed !== null || this.#byId.get(onlooker.player.charId) !== onlooker) return;
    onlooker.missed = new MissedSight();
    this.#behind.add(onlooker);
  }

  #catchUp(onlooker: Onlooker, newest: Iterable<Sight>): void {
    onlooker.missed = null;
    this.#behind.delete(onlooker);
    for (const sight of newest) this.#show(onlooker, sight);
  }

  #inViewOf({ charId }: Player, id: ActorId): Appearance | null {
    const other = this.#byId.get(id);
    return other !== undefined && this.#world.see(charId, id) ? this.#appearanceOf(other) : null;
  }

  #appearanceOf(onlooker: Onlooker): Appearance {
    if (onlooker.appearance !== null) return onlooker.appearance;
    const { accountId, charId, name, sex, looks, ...last } = onlooker.player;
    const { x, y } = this.#world.position(charId) ?? last;
    const { path = [], walked = 0, cameFrom = null } = this.#world.courseOf(charId) ?? {};
    const shown = { accountId, charId, name, sex, looks, stepMs: this.#stepMs, x, y, path, walked, cameFrom };
    onlooker.appearance = { type: "actor.appeared", ...shown };
    return onlooker.appearance;
  }
}
