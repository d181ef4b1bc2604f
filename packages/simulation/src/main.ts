import { explain } from "@sallyport/command-line";
import { parseCommandLine } from "./command-line.ts";
import { simulate } from "./simulate.ts";

const parsed = parseCommandLine(process.argv.slice(2));
if (!parsed.ok) {
  process.exitCode = explain(parsed);
} else {
  process.exitCode = await simulate(parsed.value, {
    print: (line) => process.stdout.write(`${line}\n`),
    nowMs: () => performance.now(),
    anySeed: () => Date.now() % 1_000_000_000,
  });
}
