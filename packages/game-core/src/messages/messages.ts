import { checkAtOnce, checkSchema } from "../schema/check-schema.ts";
import type { InputOf, OutputOf, StandardSchema } from "../schema/standard-schema.ts";
import { GameError } from "../schema/validate.ts";

export interface Schemas {
  readonly [name: string]: StandardSchema;
}

/** The messages of a game. Client and server import the same ones. */
export interface Messages<C extends Schemas = Schemas, E extends Schemas = Schemas> {
  /** From a client to the game. */
  readonly commands: C;
  /** From the game to a client. */
  readonly events: E;
}

export type CommandName<M extends Messages> = keyof M["commands"] & string;
export type EventName<M extends Messages> = keyof M["events"] & string;
/** What a client passes. */
export type CommandInput<M extends Messages, N extends CommandName<M>> = InputOf<M["commands"][N]>;
/** What a handler gets, after validation. */
export type Command<M extends Messages, N extends CommandName<M>> = OutputOf<M["commands"][N]>;
/** What a handler passes. */
export type EventInput<M extends Messages, N extends EventName<M>> = InputOf<M["events"][N]>;
/** What a client gets, after validation. */
export type Event<M extends Messages, N extends EventName<M>> = OutputOf<M["events"][N]>;

/** A message name is one to 64 of these characters. */
const messageName = /^[A-Za-z][A-Za-z0-9._-]{0,63}$/;

/**
 * Defines the messages of a game. Throws `GameError`, whose message names the message at fault, if a name is
 * not allowed or a schema cannot be used.
 */
export function defineMessages<const C extends Schemas = {}, const E extends Schemas = {}>(messages: {
  readonly commands?: C;
  readonly events?: E;
}): Messages<C, E> {
  checkMessages(messages, "");
  return { commands: messages.commands ?? ({} as C), events: messages.events ?? ({} as E) };
}

/** `path` is put before the names of the fields. */
export function checkMessages(messages: Partial<Messages>, path: string): void {
  for (const direction of ["commands", "events"] as const) {
    for (const [name, schema] of Object.entries(messages[direction] ?? {})) {
      if (!messageName.test(name)) {
        throw new GameError(
          `${path}${direction} has the name "${name}"; use a letter and up to 63 letters, digits, ".", "_" or "-"`,
        );
      }
      const at = `${path}${direction}["${name}"]`;
      checkSchema(schema, at);
      checkAtOnce(schema, at);
    }
  }
}
