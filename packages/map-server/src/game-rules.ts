import type { JsonObject } from "@sallyport/domain";

/** Where a game plugs in: pure functions over a character's attributes. What they return is saved. */
export interface GameRules {
  /** The character made a step. */
  stepped(attributes: JsonObject): JsonObject;
}

/** Counts steps; enough to see that attributes are kept. */
export const defaultGameRules: GameRules = {
  stepped(attributes) {
    const steps = attributes["steps"];
    return { ...attributes, steps: typeof steps === "number" ? steps + 1 : 1 };
  },
};
