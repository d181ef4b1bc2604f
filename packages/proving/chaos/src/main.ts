import { writeFileSync } from "node:fs";
import { explain } from "@sallyport/command-line";
import { tell } from "@sallyport/rig";
import { parseCommandLine } from "./command-line.ts";
import { describeRun } from "./describe-run.ts";
import { writeHistory } from "./history/write-history.ts";
import { describePlan, planChaos, planOperator } from "./plan.ts";
import { runChaos } from "./run-chaos.ts";

async function main(): Promise<number> {
  const parsed = parseCommandLine(process.argv.slice(2), Math.random);
  if (!parsed.ok) return explain(parsed);
  const { value } = parsed;
  const plan = planChaos(value);
  const { seed } = value;
  const acts = planOperator(value);
  const planned = describePlan(plan, acts).join("\n");
  process.stdout.write(
    `seed ${seed}, ${plan.length} faults, ${acts.length} acts of the operator\n${planned}\n`,
  );
  if (value.planOnly) return 0;
  const { history, verdict } = await runChaos({ ...value, plan, acts, tell });
  if (value.json !== null) {
    writeFileSync(
      value.json,
      `${JSON.stringify({ seed: value.seed, bots: value.bots, plan, acts, ...verdict }, null, 2)}\n`,
    );
  }
  if (value.history !== null) writeHistory(value.history, history);
  process.stdout.write(`${describeRun(history, verdict).join("\n")}\n`);
  const isBlind = verdict.checks.some(({ saw }) => saw === 0);
  return verdict.violations.length === 0 && !isBlind ? 0 : 1;
}

// Clients that were cut off may still have timers. The program does not wait for these timers.
process.exit(await main());
