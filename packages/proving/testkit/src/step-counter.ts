import { defineGame } from "@sallyport/game";
import { z } from "zod";

export const counted = {
  schema: z.looseObject({ steps: z.number().int().min(0) }),
  initial: { steps: 0 },
  migrations: { 0: (old: object) => ({ steps: 0, ...old }) },
};

/**
 * A game for tests: counts the steps of each character. So a saved state that is older than another one shows.
 * Everything else in the attributes stays as it is.
 */
export default defineGame({
  name: "step-counter",
  character: counted,
  stepped(it) {
    it.set({ steps: it.character.steps + 1 });
  },
});
