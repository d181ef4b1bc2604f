import { writeFileSync } from "node:fs";
import { explain } from "@sallyport/command-line";
import { tell } from "@sallyport/rig";
import { describeRun } from "../describe-run.ts";
import { writeHistory } from "../history/write-history.ts";
import { parseCommandLine } from "./command-line.ts";
import { describeMixed } from "./describe-mixed.ts";
import { runMixed } from "./run-mixed.ts";

async function main(): Promise<number> {
  const parsed = parseCommandLine(process.argv.slice(2));
  if (!parsed.ok) return explain(parsed);
  const { json, history: historyFile, ...options } = parsed.value;
  const run = await runMixed({ ...options, tell });
  const { history, verdict } = run;
  if (json !== null) {
    const { clients, seed } = options;
    writeFileSync(json, `${JSON.stringify({ clients, seed, ...verdict }, null, 2)}\n`);
  }
  if (historyFile !== null) writeHistory(historyFile, history);
  process.stdout.write(`${[...describeMixed(run), ...describeRun(history, verdict)].join("\n")}\n`);
  const isBlind = verdict.checks.some(({ saw }) => saw === 0);
  return verdict.violations.length === 0 && !isBlind ? 0 : 1;
}

// Clients that have left may still have timers. The program does not wait for these timers.
process.exit(await main());
