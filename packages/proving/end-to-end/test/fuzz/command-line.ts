import { decimal, type ParsedCommandLine, parseProgram, wholeNumber } from "@sallyport/command-line";
import { Command, InvalidArgumentError } from "commander";

export interface CommandLine {
  readonly minutes: number;
  readonly seed?: number;
  readonly path?: string;
  readonly only?: string;
}

function path(text: string): string {
  if (/^\d+(:\d+)*$/.test(text)) return text;
  throw new InvalidArgumentError("Expected numbers separated by colons.");
}

/** Returns the options. The exit code is 1 if a property failed, and 2 if the command line is wrong. */
export function parseCommandLine(
  args: readonly string[],
  names: readonly string[],
): ParsedCommandLine<CommandLine> {
  const decoders = (text: string): string => {
    if (names.some((name) => name.startsWith(text))) return text;
    throw new InvalidArgumentError(`There is no such decoder. --list prints their names.`);
  };
  const program = new Command("fuzz")
    .description("Feeds damaged input to the decoders of Sallyport and checks what they promise.")
    .option("--minutes <n>", "minutes to run, with new seeds all the time", decimal(0.01, 100_000), 1)
    .option("--only <decoder>", "decoder to run, or the beginning of several names", decoders)
    .option("--seed <n>", "first seed", wholeNumber(0, 9_999_999_999))
    .option("--path <path>", "repeat the one run that failed; needs --only and --seed", path)
    .option("--list", "print the names of the decoders")
    .showHelpAfterError();
  const parsed = parseProgram(program, args, () => {
    const options = program.opts<CommandLine & { readonly list?: true }>();
    if (options.path !== undefined && (options.seed === undefined || options.only === undefined)) {
      return program.error("--path needs --seed and --only.");
    }
    return options;
  });
  if (!parsed.ok) return parsed;
  const { list, ...value } = parsed.value;
  return list ? { ok: false, exitCode: 0, text: `${names.join("\n")}\n` } : { ok: true, value };
}
