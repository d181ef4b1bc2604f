import { decisionsEach } from "../generator/decide.ts";
import { inTurns, measureLoad } from "../measure.ts";
import { accountNames, type Scenario } from "./scenario.ts";

/**
 * Measures three decisions about the account lock: grant, hold and release. The bound is hand-written code
 * that makes the same locks.
 */
export const decide: Scenario = async (stage) => {
  const run = (by: "table" | "hand") =>
    measureLoad(
      stage,
      {},
      { act: { type: "decide", by }, accounts: accountNames(1), clients: 1 },
      decisionsEach,
    );
  const names = { scenario: "decide", name: "account lock", unit: "decisions", bound: "by hand" };
  const only = await inTurns(stage, names, { ours: () => run("table"), bare: () => run("hand") });
  return { cases: [only], figures: [] };
};
