import { type Command, CommanderError } from "commander";
import { versionIn } from "./version-in.ts";

/** The program must only print this text and exit with this code. */
export interface Explained {
  readonly ok: false;
  /** 0 if the user requested the text, as with --help or --version. 2 if the command line is wrong. */
  readonly exitCode: 0 | 2;
  readonly text: string;
}

export type ParsedCommandLine<Value> = { readonly ok: true; readonly value: Value } | Explained;

/** All packages have one version. This path works from both src/ and dist/. */
const manifest = new URL("../package.json", import.meta.url);

/**
 * Parses a command line, and adds the option for the version. It neither prints nor ends the process, unlike
 * commander's own `parse`. `read` checks options that depend on each other, and reports problems with
 * `program.error`.
 */
export function parseProgram<Value>(
  program: Command,
  args: readonly string[],
  read: (program: Command) => Value,
): ParsedCommandLine<Value> {
  let text = "";
  const print = (more: string): void => {
    text += more;
  };
  program.version(versionIn(manifest), "-V, --version", "print the version");
  program.exitOverride().configureOutput({ writeOut: print, writeErr: print });
  try {
    program.parse(args, { from: "user" });
    return { ok: true, value: read(program) };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { ok: false, exitCode: error.exitCode === 0 ? 0 : 2, text };
  }
}

export function explain({ exitCode, text }: Explained): number {
  (exitCode === 0 ? process.stdout : process.stderr).write(text);
  return exitCode;
}
