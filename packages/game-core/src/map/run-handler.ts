import { GameError, isPromise } from "../schema/validate.ts";
import type { Effect } from "./effect.ts";
import type { MapState } from "./map-state.ts";
import { Refusal } from "./refusal.ts";
import { Transaction } from "./transaction.ts";
import type { At } from "./view.ts";

export type Ran =
  | { readonly type: "done"; readonly effects: readonly Effect[] }
  | { readonly type: "refused"; readonly word: string }
  | { readonly type: "failed"; readonly effects: readonly [Effect] };

/**
 * Runs a handler of the game. `handler` is its path in the definition. Nothing that the handler did remains
 * if it throws, returns a promise, refuses, or sets a state that fits no schema.
 */
export function runHandler(
  state: MapState,
  at: At,
  handler: string,
  run: (transaction: Transaction) => unknown,
): Ran {
  const transaction = new Transaction(state, at);
  try {
    at.calls?.began(handler, state.map.name);
    const returned = run(transaction);
    if (isPromise(returned)) {
      // Nobody waits for the handler any more, so its rejection must not end the process.
      returned.then(undefined, () => undefined);
      throw new GameError("the handler is asynchronous; a handler must return at once");
    }
    return { type: "done", effects: transaction.commit() };
  } catch (error) {
    transaction.rollBack();
    if (error instanceof Refusal) return { type: "refused", word: error.word };
    return { type: "failed", effects: [{ type: "fault", handler, error }] };
  } finally {
    at.calls?.ended();
  }
}
