import type { JsonObject } from "@sallyport/domain";

/**
 * The rules of a game. They are pure functions that compute new attributes of a character. The server saves
 * these attributes.
 */
export interface GameRules {
  stepped(attributes: JsonObject): JsonObject;
}

/** An example of rules: it counts the steps of a character. */
export const defaultGameRules: GameRules = {
  stepped(attributes) {
    const steps = attributes["steps"];
    return { ...attributes, steps: typeof steps === "number" ? steps + 1 : 1 };
  },
};
