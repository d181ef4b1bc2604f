import type { Messages } from "../messages/messages.ts";
import { checkDefinition } from "./check-definition.ts";
import type { GameDefinition } from "./definition.ts";
import type { AnyShape, Game } from "./game.ts";
import type { Item } from "./shape.ts";

type None = Record<never, never>;

/**
 * Defines a game. Throws `GameError`, whose message names the field at fault, if a part of it can never work.
 */
export function defineGame<
  M extends Messages = Messages<None, None>,
  C extends object = None,
  S extends object = None,
  W extends object = None,
  H extends object = None,
  T extends object = None,
  A extends object = None,
  I extends { readonly [name: string]: Item } = None,
  O extends object = None,
>(
  definition: GameDefinition<{
    messages: M;
    character: C;
    map: S;
    world: W;
    changes: H;
    timers: T;
    actors: A;
    items: I;
    objects: O;
  }>,
): Game<{
  messages: M;
  character: C;
  map: S;
  world: W;
  changes: H;
  timers: T;
  actors: A;
  items: I;
  objects: O;
}> {
  checkDefinition(definition);
  return { definition: definition as unknown as GameDefinition<AnyShape> };
}
