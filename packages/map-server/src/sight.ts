import type { ActorIds, EventOf, MapDoor } from "@sallyport/domain";
import type { ActorId } from "@sallyport/map-world";

/** What players are shown of an actor. */
export type Sight = Extract<EventOf<MapDoor>, { type: `actor.${string}` }>;
export type Appearance = Extract<Sight, { type: "actor.appeared" }>;
type Said = Extract<Sight, { type: "actor.said" }>;

interface Missed extends ActorIds {
  /** Whether the client already knew the actor when it fell behind. */
  readonly isKnown: boolean;
  /** Whether the game may show something else of the actor since then. */
  isShownAnew: boolean;
}

/** A client that was behind gets at most this many lines of chat, the newest ones. */
const linesMax = 32;

/**
 * What a client has missed since it fell behind. It has one entry for each actor that changed, however often
 * the actor changed. So the memory grows only with the number of actors that came into view.
 */
export class MissedSight {
  readonly #actors = new Map<ActorId, Missed>();
  readonly #lines: Said[] = [];

  miss(sight: Sight): void {
    if (sight.type === "actor.said") {
      this.#lines.push(sight);
      if (this.#lines.length > linesMax) this.#lines.shift();
      return;
    }
    const { accountId, charId } = sight;
    const isKnown = sight.type !== "actor.appeared";
    const missed = this.#actors.get(charId) ?? { accountId, charId, isKnown, isShownAnew: false };
    // An actor that went out of view and came back can have changed meanwhile.
    missed.isShownAnew ||= sight.type === "actor.changed" || sight.type === "actor.appeared";
    this.#actors.set(charId, missed);
  }

  /**
   * Returns the events that bring the client up to date. `inView` returns how an actor appears now, or null
   * if the actor is not in view.
   */
  *newest(inView: (id: ActorId) => Appearance | null): Generator<Sight> {
    for (const { accountId, charId, isKnown, isShownAnew } of this.#actors.values()) {
      const now = inView(charId);
      if (now === null) {
        if (isKnown) yield { type: "actor.vanished", accountId, charId };
      } else if (isKnown) {
        const { x, y, path, walked, shown } = now;
        yield { type: "actor.moved", accountId, charId, x, y, path, walked };
        yield { type: "actor.walks", accountId, charId, x, y, path, walked };
        if (isShownAnew) yield { type: "actor.changed", accountId, charId, shown };
      } else yield now;
    }
    yield* this.#lines;
  }
}
