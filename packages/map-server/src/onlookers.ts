import type { ActorId, MapWorld } from "@sallyport/map-world";
import type { MapActor } from "./actor.ts";
import { type Appearance, MissedSight, type Sight } from "./sight.ts";

interface Onlooker {
  readonly actor: MapActor;
  /** Until the client of a player knows that it is on the map, the player neither sees others nor is seen. */
  hasAppeared: boolean;
  /** The client asked to be shown the others before the player appeared, and asks only once. */
  hasLookedEarly: boolean;
  /**
   * The appearance of the actor for players. It is valid until the actor moves. All players get this same
   * object, so the server encodes the object only once.
   */
  appearance: Appearance | null;
  /** The events that the client missed. Null unless the client is behind. */
  missed: MissedSight | null;
  hasUnsent: boolean;
}

/**
 * A client is behind from the time when more than `unreadBytesMax` wait for it. It has caught up when at most
 * `caughtUpBytes` wait.
 */
export const unreadBytesMax = 64 << 10;
const caughtUpBytes = 4 << 10;
/**
 * Bounds for the work of one `flush`. They keep it below about 20 ms, because longer turns of the event loop
 * would delay the links.
 */
export const writesMax = 1_000;
const catchUpsMax = 50;

/** The actors on one map. The events of players wait for `flush`, which makes one write for each client. */
export class Onlookers {
  readonly #world: Pick<MapWorld, "see" | "position" | "courseOf">;
  readonly #stepMs: number;
  readonly #byId = new Map<ActorId, Onlooker>();
  readonly #unsent: Onlooker[] = [];
  readonly #behind = new Set<Onlooker>();
  #otherCount = 0;

  constructor(world: Pick<MapWorld, "see" | "position" | "courseOf">, stepMs: number) {
    this.#world = world;
    this.#stepMs = stepMs;
  }

  /** True in two cases. 1: `flush` has work to do. 2: `flush` will have work when a client has read. */
  get isWaiting(): boolean {
    return this.#unsent.length > 0 || this.#behind.size > 0;
  }

  /** The number of actors that are no players. */
  get otherCount(): number {
    return this.#otherCount;
  }

  add(actor: MapActor): void {
    const hasAppeared = actor.kind !== "player";
    const none = { hasLookedEarly: false, appearance: null, missed: null, hasUnsent: false };
    this.#byId.set(actor.charId, { actor, hasAppeared, ...none });
    if (actor.kind !== "player") this.#otherCount += 1;
  }

  /** Returns false if others were never shown the actor. */
  remove(id: ActorId): boolean {
    const onlooker = this.#byId.get(id);
    if (onlooker === undefined) return false;
    if (onlooker.actor.kind !== "player") this.#otherCount -= 1;
    this.#behind.delete(onlooker);
    this.#byId.delete(id);
    return onlooker.hasAppeared;
  }

  /**
   * From now on the player sees others and is seen. Shows the player to its watchers. Returns false, and does
   * nothing, if the player has already appeared.
   */
  appear(id: ActorId, watchers: readonly ActorId[]): boolean {
    const onlooker = this.#byId.get(id);
    if (onlooker === undefined || onlooker.hasAppeared) return false;
    onlooker.hasAppeared = true;
    this.showActor(watchers, id);
    return true;
  }

  hasLookedEarly(id: ActorId): boolean {
    return this.#byId.get(id)?.hasLookedEarly === true;
  }

  find(id: ActorId): MapActor | undefined {
    return this.#byId.get(id)?.actor;
  }

  /** Call this method when the actor has moved, has changed its walk, or is shown differently. */
  changed(id: ActorId): void {
    const onlooker = this.#byId.get(id);
    if (onlooker !== undefined) onlooker.appearance = null;
  }

  show(to: readonly ActorId[], sight: Sight): void {
    const isHidden = this.#byId.get(sight.charId)?.hasAppeared === false;
    for (const id of isHidden ? to.filter((each) => each === sight.charId) : to) {
      const onlooker = this.#byId.get(id);
      if (onlooker !== undefined) this.#show(onlooker, sight);
    }
  }

  /** Shows the actor to these players, but not to itself. */
  showActor(to: readonly ActorId[], id: ActorId): void {
    const shown = this.#byId.get(id);
    if (shown?.hasAppeared !== true) return;
    for (const other of to) {
      const onlooker = this.#byId.get(other);
      const hasClient = onlooker !== undefined && onlooker.actor.client !== null;
      if (hasClient && other !== id) this.#show(onlooker, this.#appearanceOf(shown));
    }
  }

  /**
   * Shows all these actors to one player, even if it was shown them before. The player is not shown itself. A
   * player that has not appeared is shown nobody, and `hasLookedEarly` remembers it.
   */
  showAll(to: ActorId, ids: readonly ActorId[]): void {
    const onlooker = this.#byId.get(to);
    if (onlooker === undefined) return;
    onlooker.hasLookedEarly ||= !onlooker.hasAppeared;
    this.#catchUp(onlooker, []);
    for (const id of ids) {
      const other = this.#byId.get(id);
      if (other?.hasAppeared === true && id !== to) this.#show(onlooker, this.#appearanceOf(other));
    }
  }

  /**
   * Writes to each client that has waiting events. Sends the newest state to clients that have caught up.
   * Does a bounded part of the work. Returns false if work is left.
   */
  flush(): boolean {
    let caughtUp = 0;
    for (const onlooker of this.#behind) {
      const { actor, missed } = onlooker;
      if (missed === null || (actor.client?.unreadBytes ?? 0) > caughtUpBytes) continue;
      if (caughtUp === catchUpsMax) break;
      caughtUp += 1;
      this.#catchUp(
        onlooker,
        missed.newest((id) => this.#inViewOf(actor, id)),
      );
    }
    // If a write fails, that client leaves the map, and the others get an event about this.
    for (const onlooker of this.#unsent.splice(0, writesMax)) {
      onlooker.hasUnsent = false;
      const { client } = onlooker.actor;
      if (client === null) continue;
      client.flush();
      if (client.unreadBytes > unreadBytesMax) this.#fallBehind(onlooker);
    }
    return this.#unsent.length === 0 && caughtUp < catchUpsMax;
  }

  #show(onlooker: Onlooker, sight: Sight): void {
    const { actor, missed } = onlooker;
    const { client } = actor;
    if (client === null) return;
    // The client always gets the player's own actions, because they answer its commands.
    if (sight.charId !== actor.charId) {
      if (!onlooker.hasAppeared) return;
      if (missed !== null) return missed.miss(sight);
    }
    client.show(sight);
    if (onlooker.hasUnsent) return;
    onlooker.hasUnsent = true;
    this.#unsent.push(onlooker);
  }

  #fallBehind(onlooker: Onlooker): void {
    if (onlooker.missed !== null || this.#byId.get(onlooker.actor.charId) !== onlooker) return;
    onlooker.missed = new MissedSight();
    this.#behind.add(onlooker);
  }

  #catchUp(onlooker: Onlooker, newest: Iterable<Sight>): void {
    onlooker.missed = null;
    this.#behind.delete(onlooker);
    for (const sight of newest) this.#show(onlooker, sight);
  }

  #inViewOf({ charId }: MapActor, id: ActorId): Appearance | null {
    const other = this.#byId.get(id);
    return other !== undefined && this.#world.see(charId, id) ? this.#appearanceOf(other) : null;
  }

  #appearanceOf(onlooker: Onlooker): Appearance {
    if (onlooker.appearance !== null) return onlooker.appearance;
    const { actor } = onlooker;
    const { accountId, charId, name, sex, shown } = actor;
    const at = this.#world.position(charId);
    if (at === undefined) throw new Error(`${charId} is shown but is not on the map`);
    const { path = [], walked = 0, cameFrom = null } = this.#world.courseOf(charId) ?? {};
    const course = { x: at.x, y: at.y, path, walked, cameFrom };
    const ids = { type: "actor.appeared", accountId, charId, name, sex, stepMs: this.#stepMs } as const;
    const appearance: Appearance =
      actor.kind === "player"
        ? { ...ids, ...course, shown, kind: actor.kind, looks: actor.looks }
        : { ...ids, ...course, shown, kind: actor.kind, looks: actor.looks };
    onlooker.appearance = appearance;
    return appearance;
  }
}
