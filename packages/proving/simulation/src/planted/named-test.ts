import { spawn } from "node:child_process";
import { type NamedTest, rootFolder, type SourceFault } from "./source-fault.ts";

/** The environment variable that tells Vitest's configuration which fault to plant. */
export const plantedVariable = "SALLYPORT_PLANTED";

const config = "packages/proving/simulation/src/planted/vitest-config.ts";

/**
 * Runs the test with the fault in the source. Resolves to whether the test failed, and rejects if no such
 * test ran.
 */
export async function failsWith({ name }: SourceFault, { file, title }: NamedTest): Promise<boolean> {
  const output = await new Promise<string>((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [
        "node_modules/vitest/vitest.mjs",
        ...["run", "--config", config, "--reporter=json"],
        ...["--testNamePattern", patternOf(title), file],
      ],
      {
        cwd: rootFolder,
        env: { ...process.env, [plantedVariable]: name },
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    child.once("error", reject);
    child.once("close", () => resolve(text));
  });
  const { numPassedTests = 0, numFailedTests = 0 } = JSON.parse(output) as {
    numPassedTests?: number;
    numFailedTests?: number;
  };
  if (numPassedTests + numFailedTests === 0) throw new Error(`no test ran: ${file} › ${title}`);
  return numFailedTests > 0;
}

/**
 * Returns a pattern for the title of a test. `%s` and `$name` match any text, because a row of the test's
 * table replaces them.
 */
const patternOf = (title: string): string =>
  title
    .split(/%[sdijo]|\$\w+/)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
