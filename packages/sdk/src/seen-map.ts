import type { CharId, MapEntered, Position } from "@sallyport/domain";
import type { GameTypes } from "./game-shape.ts";
import type { Actor, GameEvent } from "./told.ts";

/** What a client knows of the map from the events until now. */
export class SeenMap<T extends GameTypes> {
  place: MapEntered;
  position: Position;
  readonly #actors = new Map<CharId, Actor<T>>();

  constructor(place: MapEntered) {
    this.place = place;
    this.position = place.position;
  }

  get actors(): ReadonlyMap<CharId, Actor<T>> {
    return this.#actors;
  }

  apply(event: GameEvent<T>): void {
    switch (event.type) {
      case "actor.appeared": {
        const { type: _, ...actor } = event;
        this.#actors.set(actor.charId, actor);
        return;
      }
      case "actor.moved":
        return this.#move(event);
      case "actor.vanished":
        this.#actors.delete(event.charId);
        return;
      case "actor.changed": {
        const actor = this.#actors.get(event.charId);
        if (actor !== undefined) this.#actors.set(event.charId, { ...actor, shown: event.shown });
        return;
      }
      case "map.changed": {
        const { type: _, ...place } = event;
        this.place = place;
        this.position = place.position;
        this.#actors.clear();
        return;
      }
      case "game.event":
      case "character.changed":
      case "actor.said":
      case "dialogue.said":
      case "dialogue.asked":
      case "dialogue.paused":
      case "dialogue.ended":
      case "shop.offered":
      case "announced":
      case "client.kicked":
        return;
    }
  }

  #move({ charId, x, y }: { charId: CharId; x: number; y: number }): void {
    if (charId === this.place.charId) this.position = { ...this.position, x, y };
    const actor = this.#actors.get(charId);
    if (actor !== undefined) this.#actors.set(charId, { ...actor, x, y });
  }
}
