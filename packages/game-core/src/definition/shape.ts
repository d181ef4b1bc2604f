import type { Messages } from "../messages/messages.ts";

/** An entry of a shop. */
export interface Item {
  /** The number of the item for clients: unsigned 16-bit, unique in the game. */
  readonly id: number;
  readonly name: string;
}

/** The types of one game. They type `it`. `defineGame` infers them; an author seldom writes them down. */
export interface Shape {
  readonly messages: Messages;
  /** The state of a character. */
  readonly character: object;
  /** The state of a map. */
  readonly map: object;
  /** The states of the world, by key. */
  readonly world: object;
  /** By key of the world: the inputs of its changes, by name. */
  readonly changes: object;
  /** What each timer carries, by name. */
  readonly timers: object;
  /** The state of each actor, by name. */
  readonly actors: object;
  readonly items: object;
  /** The properties of map objects, by class. */
  readonly objects: object;
}

export type NameOf<T> = keyof T & string;

/** The last argument of a call whose data has no schema: there is none. */
export type DataArgument<Data> = unknown extends Data ? [] : [data: Data];
