import type { JsonObject } from "@sallyport/domain";

/**
 * The rules of a game: pure functions from the attributes of a character to new attributes, which the server
 * saves.
 */
export interface GameRules {
  stepped(attributes: JsonObject): JsonObject;
}

/** Counts steps, as an example. */
export const defaultGameRules: GameRules = {
  stepped(attributes) {
    const steps = attributes["steps"];
    return { ...attributes, steps: typeof steps === "number" ? steps + 1 : 1 };
  },
};
