import { addSetting, parseProgram, wholeNumber } from "@sallyport/command-line";
import { Command, Option } from "commander";
import { attacks } from "./attack/attacks.ts";
import type { Allocator } from "./cluster/allocator.ts";

type Options = {
  readonly bots: number;
  readonly seed: number;
  readonly quiet: number;
  readonly flood: number;
  readonly patience: number;
  readonly settle: number;
  readonly growth: number;
  readonly allocator: Allocator;
  readonly nice: number;
  readonly set: Record<string, string>;
  readonly up: boolean;
  readonly loginServers: number;
  readonly json?: string;
} & Readonly<Record<string, unknown>>;

const optionOf = (name: string): string =>
  name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

function createProgram(): Command {
  const program = new Command("hostile")
    .description(
      "Attacks real servers with hostile clients while bots play, and checks both the servers and the bots.",
    )
    .option(
      "--bots <n>",
      "number of bots; half of them play through the gateway",
      wholeNumber(2, 10_000),
      100,
    );
  for (const { attack } of attacks) {
    program.option(
      `--${attack.name} <n>`,
      `${attack.unit}: ${attack.what}`,
      wholeNumber(0, 1_000_000),
      attack.count,
    );
  }
  return program
    .option("--quiet <seconds>", "seconds of each phase without attackers", wholeNumber(1, 3_600), 20)
    .option("--flood <seconds>", "seconds of each flood", wholeNumber(1, 3_600), 20)
    .option(
      "--patience <seconds>",
      "seconds in which servers have to close idle connections",
      wholeNumber(1, 600),
      60,
    )
    .option(
      "--settle <seconds>",
      "seconds in which memory and connections have to return to normal",
      wholeNumber(1, 600),
      60,
    )
    .option(
      "--growth <percent>",
      "growth of resident memory that is allowed to stay",
      wholeNumber(0, 1_000),
      10,
    )
    .addOption(
      new Option("--allocator <name>", "memory allocator of the servers; the image uses jemalloc")
        .choices(["jemalloc", "libc"] satisfies Allocator[])
        .default("jemalloc"),
    )
    .option(
      "--seed <n>",
      "seed of bots and attackers; the same seed gives the same actions",
      wholeNumber(0, 2 ** 31),
      1,
    )
    .option(
      "--nice <n>",
      "niceness of the attackers: 19 leaves them the processor time that nobody else needs, 0 an equal share",
      wholeNumber(0, 19),
      19,
    )
    .option("--login-servers <n>", "number of login-servers; with --up there is one", wholeNumber(1, 16), 4)
    .option("--up", "run the servers behind the gateway in one process instead of one each", false)
    .option("--set <NAME=value>", "setting for all servers; may be repeated", addSetting, {})
    .option("--json <file>", "write the report to this file, as JSON")
    .addHelpText(
      "after",
      "\nStarts all servers and stores itself, on loopback, and removes them afterwards. Exits with 1 when a bot met an error,\n" +
        "memory did not return to normal, a connection stayed open, a secret was logged, or a server died.",
    );
}

export function parseCommandLine(args: readonly string[]) {
  return parseProgram(createProgram(), args, (program) => {
    const options = program.opts<Options>();
    const counts = attacks.map(({ attack: { name } }) => [name, Number(options[optionOf(name)])]);
    const run = {
      layout: options.up ? ("up" as const) : ("separate" as const),
      loginServers: options.loginServers,
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
      niceness: options.nice,
    };
    return { run, json: options.json ?? null };
  });
}
