import type { Event, EventName, Messages, Shown } from "@sallyport/game-core/messages";

/**
 * The types of a game. `ShapeOf<typeof game>` of `@sallyport/game` is one, and only the compiler reads it: a
 * client does not load the game.
 */
export interface GameTypes {
  readonly messages: Messages;
  /** The whole state of a character. Clients are shown some keys of it. */
  readonly character: object;
}

/** A game that the client knows nothing of. All values are possible, and events are not validated. */
export interface UnknownGame extends GameTypes {
  readonly character: Shown;
}

/** What the client is shown of a character. It is as the server has sent it: no schema validates it. */
export type ShownOf<T extends GameTypes> = Readonly<Partial<T["character"]>>;

/** An event of the game. `name` tells the type of `body`. */
export type GameMessage<T extends GameTypes> = {
  [N in EventName<T["messages"]>]: {
    readonly type: "game.event";
    readonly name: N;
    readonly body: Event<T["messages"], N>;
  };
}[EventName<T["messages"]>];
