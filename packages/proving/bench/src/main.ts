import { readFileSync, writeFileSync } from "node:fs";
import { explain } from "@sallyport/command-line";
import { tell } from "@sallyport/rig";
import { parseCommandLine } from "./command-line.ts";
import { type BenchReport, describeChange, describeReport, failedIn } from "./report.ts";
import { runBench } from "./run-bench.ts";

async function main(): Promise<number> {
  const parsed = parseCommandLine(process.argv.slice(2));
  if (!parsed.ok) return explain(parsed);
  const { run, json, compare, minutes } = parsed.value;
  // Read the file before the run, because the run takes minutes and the file may be wrong.
  const before = compare === null ? null : (JSON.parse(readFileSync(compare, "utf8")) as BenchReport);
  // When the bench exits, all processes that it started exit too.
  const tooLong = setTimeout(() => {
    tell(`not done within ${minutes} minutes`);
    process.exit(1);
  }, minutes * 60_000);
  const report = await runBench({ ...run, tell });
  clearTimeout(tooLong);
  if (json !== null) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
  const lines = [...describeReport(report), ...(before === null ? [] : describeChange(before, report))];
  process.stdout.write(`${lines.join("\n")}\n`);
  return failedIn(report) === 0 ? 0 : 1;
}

process.exitCode = await main();
