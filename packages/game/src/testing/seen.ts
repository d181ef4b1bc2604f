import type { ActorKind, DialogueAnswer, EventOf, MapDoor } from "@sallyport/domain";
import { type EventName, type Game, type Messages, readEvent, readShown } from "@sallyport/game-core";
import type { ActorId } from "@sallyport/map-world";

type State = { readonly [key: string]: unknown };
type Goods = EventOf<MapDoor, "shop.offered">["goods"];

export interface SeenEvent {
  readonly name: string;
  readonly body: unknown;
}

/** What a client shows of a dialogue. */
export interface SeenDialogue {
  readonly actor: ActorId;
  readonly says: string;
  /** The labels, in their order. Empty if there is nothing to choose. */
  readonly choices: readonly string[];
  /** `close`: the dialogue is over, and the player reads its last page. */
  readonly waitsFor: "choice" | "next" | "close";
}

/** An actor in view, also another player. */
export interface SeenActor {
  readonly id: ActorId;
  readonly kind: ActorKind;
  /** What players read. */
  readonly name: string;
  /** What the game shows of a character: the keys in `shown`. */
  readonly shown: State;
}

/** What the client of a player knows: only what the game has told it. */
export class Seen {
  readonly #game: () => Game;
  readonly events: SeenEvent[] = [];
  readonly heard: { readonly name: string; readonly text: string }[] = [];
  readonly actors = new Map<ActorId, SeenActor>();
  own: State = {};
  dialogue: SeenDialogue | null = null;
  shop: { readonly actor: ActorId; readonly goods: Goods } | null = null;

  constructor(game: () => Game) {
    this.#game = game;
  }

  hear(event: EventOf<MapDoor>): void {
    switch (event.type) {
      case "map.changed":
        this.actors.clear();
        this.dialogue = null;
        this.shop = null;
        this.own = {};
        return;
      case "actor.appeared": {
        const { charId: id, kind, name, shown } = event;
        this.actors.set(id, { id, kind, name, shown: readShown(shown) });
        return;
      }
      case "actor.changed": {
        const seen = this.actors.get(event.charId);
        if (seen !== undefined) this.actors.set(seen.id, { ...seen, shown: readShown(event.shown) });
        return;
      }
      case "actor.vanished":
        this.actors.delete(event.charId);
        return;
      case "actor.said":
        this.heard.push({ name: event.name, text: event.text });
        return;
      case "character.changed": {
        const known = Object.entries({ ...this.own, ...readShown(event.changes) });
        this.own = Object.fromEntries(known.filter(([, value]) => value !== null));
        return;
      }
      case "game.event":
        this.events.push({ name: event.name, body: this.#bodyOf(event) });
        return;
      case "dialogue.said":
        this.dialogue = { actor: event.actor, says: event.text, choices: [], waitsFor: "close" };
        return;
      case "dialogue.asked":
        return this.#waits({ choices: event.choices, waitsFor: "choice" });
      case "dialogue.paused":
        return this.#waits({ waitsFor: "next" });
      case "dialogue.ended":
        // The player can still read a last page, and nothing of a dialogue that waits.
        if (this.dialogue?.waitsFor !== "close") this.dialogue = null;
        return;
      case "shop.offered":
        this.shop = { actor: event.actor, goods: event.goods };
        return;
      // Gamemasters are no part of a game. The test asks the map itself where actors are, and the player why it left.
      case "actor.walks":
      case "actor.moved":
      case "map.hop":
      case "announced":
      case "client.kicked":
    }
  }

  #waits(what: Partial<SeenDialogue>): void {
    if (this.dialogue !== null) this.dialogue = { ...this.dialogue, ...what };
  }

  #bodyOf({ name, body }: EventOf<MapDoor, "game.event">): unknown {
    const messages: Messages = this.#game().definition.messages ?? { commands: {}, events: {} };
    const read = readEvent(messages, name as EventName<Messages>, body);
    if (read.ok) return read.value;
    throw new Error(`the client cannot read the event "${name}": ${JSON.stringify(read)}`);
  }
}
/**
 * What the client answers. Without a label, the player reads on. Throws if the dialogue does not wait for
 * this.
 */
export function answerIn({ choices, waitsFor, says }: SeenDialogue, label?: string): DialogueAnswer {
  const page = `the page "${says}"`;
  const labels = choices.map((choice) => `"${choice}"`).join(", ");
  if (label === undefined) {
    if (waitsFor === "choice") throw new Error(`${page} asks the player to choose: answer(${labels})`);
    return { type: waitsFor };
  }
  const index = choices.indexOf(label);
  if (index !== -1) return { type: "choice", index };
  const what = choices.length === 0 ? "no choices: use answer()" : `only the choices ${labels}`;
  throw new Error(`${page} has no choice "${label}"; it has ${what}`);
}
