import { explain, parseProgram } from "@sallyport/command-line";
import type { Command } from "commander";
import { ClientFailure } from "./client-failure.ts";
import { TypedLines } from "./typed-lines.ts";

/**
 * Runs a client for a person, on this command line and the standard input. `play` resolves to the exit code. If
 * it rejects with `ClientFailure`, the person reads why, and nothing of the code.
 */
export async function runClient<Options extends object>(
  program: Command,
  play: (options: Options, lines: TypedLines) => Promise<number>,
): Promise<void> {
  const parsed = parseProgram(program, process.argv.slice(2), (each) => each.opts<Options>());
  if (!parsed.ok) {
    process.exitCode = explain(parsed);
    return;
  }
  const lines = new TypedLines();
  try {
    process.exitCode = await play(parsed.value, lines);
  } catch (error) {
    if (!(error instanceof ClientFailure)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
  } finally {
    // An open input would keep the process.
    lines.close();
  }
}
