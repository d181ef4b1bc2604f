import { explain } from "@sallyport/command-line";
import { parseCommandLine } from "./command-line.ts";
import { tellPlanted } from "./planted/tell-planted.ts";
import { simulate, type Terminal } from "./simulate.ts";

const parsed = parseCommandLine(process.argv.slice(2));
if (!parsed.ok) {
  process.exitCode = explain(parsed);
} else {
  const { planted } = parsed.value;
  const terminal: Terminal = {
    print: (line) => process.stdout.write(`${line}\n`),
    nowMs: () => performance.now(),
    anySeed: () => Date.now() % 1_000_000_000,
  };
  process.exitCode =
    planted === null ? await simulate(parsed.value, terminal) : await tellPlanted(planted, terminal);
}
