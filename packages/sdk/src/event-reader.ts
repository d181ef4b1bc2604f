import { type Messages, type Read, readEvent, readShown, type Shown } from "@sallyport/game-core/messages";
import { unpackValue } from "@sallyport/wire";
import type { GameTypes, ShownOf } from "./game-shape.ts";
import type { GameEvent, MapDoorEvent, MapHop } from "./told.ts";

export interface ReaderOptions {
  /** The messages of the game. Without them, all its events are read, and none is validated. */
  readonly messages?: Messages;
  /**
   * Called when a value of the game cannot be read. `what` is the name of an event of the game, or the name of
   * a state. The event is dropped, and a state is empty. The usual reason is that client and server have
   * different messages.
   */
  readonly onUnreadable?: (what: string, problem: string) => void;
}

/** Reads the values of the game in the events of one client at the map door. */
export class EventReader<T extends GameTypes> {
  readonly #options: ReaderOptions;
  #character: Shown = {};
  /** The first state on each map is complete. The state until then is of the map before. */
  #isNextComplete = true;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  get character(): ShownOf<T> {
    return this.#character as ShownOf<T>;
  }

  /** Null if nothing is to be told of the event. */
  read(event: Exclude<MapDoorEvent, MapHop>): GameEvent<T> | null {
    switch (event.type) {
      case "actor.appeared":
      case "actor.changed":
        return { ...event, shown: this.#shown(event.type, event.shown) as ShownOf<T> };
      case "character.changed":
        this.#change(this.#shown(event.type, event.changes));
        return { type: event.type, character: this.character };
      case "map.changed":
        this.#isNextComplete = true;
        return event;
      case "game.event": {
        const { type, name } = event;
        const read = this.#message(name, event.body);
        if (!read.ok && read.why === "invalid") this.#options.onUnreadable?.(name, read.problem);
        // The name is one of the messages, so the schema of this message has validated the body.
        return read.ok ? ({ type, name, body: read.value } as unknown as GameEvent<T>) : null;
      }
      case "actor.moved":
      case "actor.vanished":
      case "actor.said":
      case "dialogue.said":
      case "dialogue.asked":
      case "dialogue.paused":
      case "dialogue.ended":
      case "shop.offered":
      case "announced":
      case "client.kicked":
        return event;
    }
  }

  #change(changes: Shown): void {
    const before = this.#isNextComplete ? {} : this.#character;
    // In a complete state, nil is a value.
    const gone = this.#isNextComplete ? [] : Object.keys(changes).filter((key) => changes[key] === null);
    const next = { ...before, ...changes };
    for (const key of gone) delete next[key];
    this.#character = next;
    this.#isNextComplete = false;
  }

  #message(name: string, body: Uint8Array): Read<unknown> {
    const { messages } = this.#options;
    try {
      return messages === undefined
        ? { ok: true, value: unpackValue(body) }
        : readEvent(messages, name, body);
    } catch (error) {
      // A schema of a game may throw anything.
      return { ok: false, why: "invalid", problem: String(error) };
    }
  }

  #shown(what: string, bytes: Uint8Array): Shown {
    try {
      return readShown(bytes);
    } catch (error) {
      this.#options.onUnreadable?.(what, String(error));
      return {};
    }
  }
}
