import { startEcho } from "../contenders/echo.ts";
import { messagesEach } from "../generator/asker.ts";
import { inTurns, measureLoad } from "../measure.ts";
import { accountNames, type Scenario } from "./scenario.ts";

const atOnce = 64;

/**
 * Measures many simultaneous requests on one link. The bound sends the same values in plain frames of
 * msgpackr, and joins its writes in the same way. The generator is the far end of the connection.
 */
export const link: Scenario = async (stage) => {
  const contenders = { ours: await startEcho(stage.rig, "link"), bare: await startEcho(stage.rig, "bare") };
  const ask = (side: keyof typeof contenders) => {
    const { address, pids } = contenders[side];
    const act = { type: "ask", by: side === "ours" ? "link" : "bare", address } as const;
    const ends = { ...pids, process: stage.generators.pids[0] ?? 0 };
    return measureLoad(stage, ends, { act, accounts: accountNames(atOnce), clients: atOnce }, messagesEach);
  };
  const name = `${atOnce} under way`;
  const names = { scenario: "link", name, unit: "requests", bound: "msgpackr" };
  const only = await inTurns(stage, names, { ours: () => ask("ours"), bare: () => ask("bare") });
  return { cases: [only], figures: [] };
};
