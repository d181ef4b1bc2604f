import { writeFileSync } from "node:fs";
import { explain } from "@sallyport/command-line";
import { tell } from "@sallyport/rig";
import { parseCommandLine } from "./command-line.ts";
import { describeReport } from "./describe-report.ts";
import { runHostile } from "./run-hostile.ts";

async function main(): Promise<number> {
  const parsed = parseCommandLine(process.argv.slice(2));
  if (!parsed.ok) return explain(parsed);
  const { run, json } = parsed.value;
  const report = await runHostile({ ...run, tell });
  if (json !== null) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`${describeReport(report).join("\n")}\n`);
  return report.problems.length === 0 ? 0 : 1;
}

process.exitCode = await main();
