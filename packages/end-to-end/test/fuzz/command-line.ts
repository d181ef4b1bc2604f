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
  throw new InvalidArgumentError("Expected numbers with colons between.");
}

/** Exits with 1 when a property failed, and with 2 when it was not asked rightly. */
export function parseCommandLine(
  args: readonly string[],
  names: readonly string[],
): ParsedCommandLine<CommandLine> {
  const decoders = (text: string): string => {
    if (names.some((name) => name.startsWith(text))) return text;
    throw new InvalidArgumentError(`There is no such decoder; --list has them.`);
  };
  const program = new Command("fuzz")
    .description("Spoils what the decoders of Sallyport read, and holds them to what is promised.")
    .option("--minutes <n>", "how long, with new seeds all the time", decimal(0.01, 100_000), 1)
    .option("--only <decoder>", "this decoder, or those that begin so", decoders)
    .option("--seed <n>", "begin with this seed", wholeNumber(0, 9_999_999_999))
    .option("--path <path>", "with one decoder and a seed: the one run that failed", path)
    .option("--list", "the decoders")
    .showHelpAfterError();
  const parsed = parseProgram(program, args, () => {
    const options = program.opts<CommandLine & { readonly list?: true }>();
    if (options.path !== undefined && (options.seed === undefined || options.only === undefined)) {
      return program.error("--path goes with --seed and --only.");
    }
    return options;
  });
  if (!parsed.ok) return parsed;
  const { list, ...value } = parsed.value;
  return list ? { ok: false, exitCode: 0, text: `${names.join("\n")}\n` } : { ok: true, value };
}
