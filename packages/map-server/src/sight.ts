import type { ActorIds, EventOf, MapDoor } from "@sallyport/domain";
import type { ActorId } from "@sallyport/map-world";

/** What players are shown of an actor. */
export type Sight = Extract<EventOf<MapDoor>, { type: `actor.${string}` }>;
export type Appearance = Extract<Sight, { type: "actor.appeared" }>;
type Said = Extract<Sight, { type: "actor.said" }>;

interface Missed extends ActorIds {
  /** Whether the client was shown the actor before it fell behind. */
  readonly isKnown: boolean;
}

/** The newest lines of chat that a client still gets when it has caught up. */
const linesMax = 32;

/**
 * What a client has missed since it fell behind: which actors changed, and not how often. So this takes memory
 * for each actor that came into its view meanwhile, for as long as the client is behind.
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
    if (!this.#actors.has(charId)) this.#actors.set(charId, { accountId, charId, isKnown });
  }

  /** What brings the client up to date. `inView` returns how an actor appears now; null: it is not in view. */
  *newest(inView: (id: ActorId) => Appearance | null): Generator<Sight> {
    for (const { accountId, charId, isKnown } of this.#actors.values()) {
      const now = inView(charId);
      if (now === null) {
        if (isKnown) yield { type: "actor.vanished", accountId, charId };
      } else if (isKnown) {
        const { x, y, path, walked } = now;
        yield { type: "actor.moved", accountId, charId, x, y, path, walked };
        yield { type: "actor.walks", accountId, charId, x, y, path, walked };
      } else yield now;
    }
    yield* this.#lines;
  }
}
