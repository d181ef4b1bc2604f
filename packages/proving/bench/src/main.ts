import { readFileSync, writeFileSync } from "node:fs";
import { explain, stopOnSignals } from "@sallyport/command-line";
import { tell } from "@sallyport/rig";
import { describeChange } from "./change.ts";
import { parseCommandLine } from "./command-line.ts";
import { describeReport, markdownOf } from "./describe-report.ts";
import { type BenchReport, failedIn } from "./report.ts";
import { runBench } from "./run-bench.ts";

const interrupted = 130;

const read = (file: string): BenchReport => JSON.parse(readFileSync(file, "utf8")) as BenchReport;
const print = (lines: readonly string[]): void => void process.stdout.write(`${lines.join("\n")}\n`);

async function main(): Promise<number> {
  const parsed = parseCommandLine(process.argv.slice(2));
  if (!parsed.ok) return explain(parsed);
  const { run, json, compare, markdown, minutes } = parsed.value;
  if (markdown !== null) {
    print(markdownOf(read(markdown)));
    return 0;
  }
  // Read the file before the run. The run takes minutes, and the file may be wrong.
  const before = compare === null ? null : read(compare);
  const [stopped, late] = [stopOnSignals(), AbortSignal.timeout(minutes * 60_000)];
  try {
    const report = await runBench({ ...run, tell, signal: AbortSignal.any([stopped, late]) });
    if (json !== null) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
    print([...describeReport(report), ...(before === null ? [] : describeChange(before, report))]);
    return failedIn(report) === 0 ? 0 : 1;
  } catch (error) {
    if (!stopped.aborted && !late.aborted) throw error;
    tell(stopped.aborted ? "stopped" : `not done within ${minutes} minutes`);
    return stopped.aborted ? interrupted : 1;
  }
}

// Interrupted work may still be in progress. Everything that this process started ends with this process.
process.exit(await main());
