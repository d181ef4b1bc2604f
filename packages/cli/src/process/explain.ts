import { describeUnknown, SettingsInvalid, type UnknownSetting } from "@sallyport/server-kit";

/**
 * Prints a bug with its stack. Prints any other error as one sentence, because an operator can correct its
 * cause.
 */
export function explain(error: unknown, unknown: readonly UnknownSetting[] = []): void {
  const isBug = [TypeError, RangeError, ReferenceError, SyntaxError].some((bug) => error instanceof bug);
  if (error instanceof SettingsInvalid) {
    const lines = [...error.problems, ...unknown.map(describeUnknown)].map((line) => `  ${line}\n`);
    process.stderr.write(`Invalid settings:\n${lines.join("")}`);
  } else {
    const text = error instanceof Error ? (isBug ? error.stack : error.message) : String(error);
    process.stderr.write(`sallyport: ${text}\n`);
  }
}
