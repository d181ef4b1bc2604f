import { packValue, unpackValue, type Value, WireError } from "@sallyport/wire";
import { validate } from "../schema/validate.ts";
import type { Command, CommandInput, CommandName, Event, EventName, Messages, Schemas } from "./messages.ts";

/** The body of a command, as a client sends it. Throws `WireError` if no message can hold the input. */
export function packCommand<M extends Messages, N extends CommandName<M>>(
  _messages: M,
  _name: N,
  input: CommandInput<M, N>,
): Uint8Array {
  return packValue(input);
}

export type Read<Body> =
  | { readonly ok: true; readonly value: Body }
  | { readonly ok: false; readonly why: "unknown" }
  | { readonly ok: false; readonly why: "invalid"; readonly problem: string };

/** Reads a command of a client. The bytes may hold anything. */
export const readCommand = <M extends Messages, N extends CommandName<M>>(
  messages: M,
  name: N,
  body: Uint8Array,
): Read<Command<M, N>> => read(messages.commands, name, body) as Read<Command<M, N>>;

/** Reads an event of the game. `unknown`: the game is newer than this client. */
export const readEvent = <M extends Messages, N extends EventName<M>>(
  messages: M,
  name: N,
  body: Uint8Array,
): Read<Event<M, N>> => read(messages.events, name, body) as Read<Event<M, N>>;

function read(schemas: Schemas, name: string, body: Uint8Array): Read<unknown> {
  // A name of a client must not find what every object inherits.
  const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
  if (schema === undefined) return { ok: false, why: "unknown" };
  let value: Value;
  try {
    value = unpackValue(body);
  } catch (error) {
    if (error instanceof WireError) return { ok: false, why: "invalid", problem: error.message };
    throw error;
  }
  const validated = validate(schema, value);
  return validated.ok ? validated : { ok: false, why: "invalid", problem: validated.problem };
}
