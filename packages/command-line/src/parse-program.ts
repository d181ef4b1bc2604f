import { type Command, CommanderError } from "commander";

/** What is printed instead of doing anything, and the code to exit with. */
export interface Explained {
  readonly ok: false;
  /** 0: it was asked for, as by --help. */
  readonly exitCode: 0 | 2;
  readonly text: string;
}

export type ParsedCommandLine<Value> = { readonly ok: true; readonly value: Value } | Explained;

/**
 * Neither prints nor ends the process, as a program would by itself. What only shows when options are looked at
 * together is said by `read`, with `program.error`.
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
  program.exitOverride().configureOutput({ writeOut: print, writeErr: print });
  try {
    program.parse(args, { from: "user" });
    return { ok: true, value: read(program) };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { ok: false, exitCode: error.exitCode === 0 ? 0 : 2, text };
  }
}

/** Gives the code to exit with. */
export function explain({ exitCode, text }: Explained): number {
  (exitCode === 0 ? process.stdout : process.stderr).write(text);
  return exitCode;
}
