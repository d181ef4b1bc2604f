import { defineGame } from "@sallyport/game";
import { z } from "zod";

/**
 * A game for tests: counts the steps of each character. So a saved state that is older than another one shows.
 * Everything else in the attributes stays as it is.
 */
export default defineGame({
  name: "step-counter",
  character: {
    schema: z.looseObject({ steps: z.number().int().min(0) }),
    initial: { steps: 0 },
    migrations: { 0: (old) => ({ steps: 0, ...old }) },
  },
  stepped(it) {
    it.set({ steps: it.character.steps + 1 });
  },
});
