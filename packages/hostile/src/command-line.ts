import { addSetting, type ParsedCommandLine, parseProgram, wholeNumber } from "@sallyport/command-line";
import { Command, Option } from "commander";
import { attacks } from "./attack/attacks.ts";
import type { Allocator } from "./cluster/allocator.ts";
import type { HostileOptions } from "./run-hostile.ts";

export interface CommandLine {
  readonly run: Omit<HostileOptions, "tell">;
  /** Where the report goes as JSON. */
  readonly json: string | null;
}

type Options = {
  readonly bots: number;
  readonly seed: number;
  readonly quiet: number;
  readonly flood: number;
  readonly patience: number;
  readonly settle: number;
  readonly growth: number;
  readonly allocator: Allocator;
  readonly set: Record<string, string>;
  readonly up: boolean;
  readonly json?: string;
} & Readonly<Record<string, unknown>>;

const optionOf = (name: string): string =>
  name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

function createProgram(): Command {
  const program = new Command("hostile")
    .description("Lets hostile clients loose on real servers, beside bots, and looks what both make of it.")
    .option("--bots <n>", "how many bots, half of them through the gateway", wholeNumber(2, 10_000), 100);
  for (const { attack } of attacks) {
    const what = `${attack.unit} that ${attack.what}`.replace("attempts that", "attempts:");
    program.option(`--${attack.name} <n>`, what, wholeNumber(0, 1_000_000), attack.count);
  }
  return program
    .option("--quiet <seconds>", "of each phase without attackers", wholeNumber(1, 3_600), 20)
    .option("--flood <seconds>", "that floods go on", wholeNumber(1, 3_600), 20)
    .option("--patience <seconds>", "that servers have to end what only stays open", wholeNumber(1, 600), 60)
    .option("--settle <seconds>", "that memory and connections have to come back", wholeNumber(1, 600), 60)
    .option("--growth <percent>", "of resident memory that may stay", wholeNumber(0, 1_000), 10)
    .addOption(
      new Option("--allocator <name>", "that the servers run on; jemalloc: as in the image")
        .choices(["jemalloc", "libc"] satisfies Allocator[])
        .default("jemalloc"),
    )
    .option(
      "--seed <n>",
      "what bots and attackers do; the same again with the same number",
      wholeNumber(0, 2 ** 31),
      1,
    )
    .option("--up", "all servers behind the gateway in one process instead of three", false)
    .option("--set <NAME=value>", "a setting of the servers; can be given again", addSetting, {})
    .option("--json <file>", "write the report there, as JSON")
    .addHelpText(
      "after",
      "\nStarts everything itself, on loopback, and leaves nothing behind. Exits with 1 when a bot met an error, memory\n" +
        "did not come back, a connection was left, a secret was logged, or a server died. Durations decide nothing.",
    );
}

export function parseCommandLine(args: readonly string[]): ParsedCommandLine<CommandLine> {
  return parseProgram(createProgram(), args, (program) => {
    const options = program.opts<Options>();
    const counts = attacks.map(({ attack: { name } }) => [name, Number(options[optionOf(name)])]);
    const run = {
      layout: options.up ? ("up" as const) : ("separate" as const),
      allocator: options.allocator,
      residentGrowthMax: 1 + options.growth / 100,
      bots: options.bots,
      seed: options.seed,
      quietMs: options.quiet * 1_000,
      floodMs: options.flood * 1_000,
      patienceMs: options.patience * 1_000,
      settleMs: options.settle * 1_000,
      counts: Object.fromEntries(counts) as Record<string, number>,
      settings: options.set,
    };
    return { run, json: options.json ?? null };
  });
}
