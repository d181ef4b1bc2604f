import { parseCommandLine } from "./command-line.ts";
import { simulate } from "./simulate.ts";

const parsed = parseCommandLine(process.argv.slice(2));
if (!parsed.ok) {
  (parsed.exitCode === 0 ? process.stdout : process.stderr).write(parsed.text);
  process.exitCode = parsed.exitCode;
} else {
  process.exitCode = await simulate(parsed.value, {
    print: (line) => process.stdout.write(`${line}\n`),
    nowMs: () => performance.now(),
    anySeed: () => Date.now() % 1_000_000_000,
  });
}
