import stepCounter from "@sallyport/testkit/step-counter";
import type { TestClusterOptions } from "./test-cluster.ts";

/** Options of a cluster whose map-servers count the steps of each character. */
export const stepCounting: TestClusterOptions = {
  game: { game: stepCounter, budgetMs: 1_000, switchOffAfter: 0, commandsPerSecond: 20 },
};
