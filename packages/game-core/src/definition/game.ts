import type { Messages } from "../messages/messages.ts";
import type { GameDefinition } from "./definition.ts";
import type { Item, Shape } from "./shape.ts";

interface ByName<T> {
  readonly [name: string]: T;
}

/** What is known of the types of any game. */
export interface AnyShape {
  readonly messages: Messages;
  readonly character: ByName<unknown>;
  readonly map: ByName<unknown>;
  readonly world: ByName<unknown>;
  readonly changes: ByName<ByName<unknown>>;
  readonly timers: ByName<unknown>;
  readonly actors: ByName<object>;
  readonly items: ByName<Item>;
  readonly objects: ByName<unknown>;
}

declare const shape: unique symbol;

/** A checked definition. Only `defineGame` makes one. */
export interface Game<S extends Shape = Shape> {
  readonly definition: GameDefinition<AnyShape>;
  /** Only the compiler reads this. */
  readonly [shape]?: S;
}

/** The types of a game, for handlers in files of their own. */
export type ShapeOf<G> = G extends Game<infer S> ? S : never;
