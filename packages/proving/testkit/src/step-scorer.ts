import { defineGame } from "@sallyport/game";
import { counted } from "./step-counter.ts";

const scoredSteps = 8;

/** Counts steps as `step-counter.ts` does. Each eighth step of a character is a score on the board `steps`. */
export default defineGame({
  name: "step-counter",
  character: counted,
  stepped(it) {
    const steps = it.character.steps + 1;
    it.set({ steps });
    if (steps % scoredSteps === 0) it.submitScore("steps", steps);
  },
});
