import type { JsonObject } from "@sallyport/domain";

/**
 * The place where a game plugs in: pure functions over the attributes of a character. The server saves what
 * they return.
 */
export interface GameRules {
  /** Called when the character made a step. */
  stepped(attributes: JsonObject): JsonObject;
}

/** Counts steps: enough to show that attributes are saved. */
export const defaultGameRules: GameRules = {
  stepped(attributes) {
    const steps = attributes["steps"];
    return { ...attributes, steps: typeof steps === "number" ? steps + 1 : 1 };
  },
};
