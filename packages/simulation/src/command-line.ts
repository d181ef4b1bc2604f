import { type ParsedCommandLine, parseProgram, wholeNumber } from "@sallyport/command-line";
import { Command, InvalidArgumentError } from "commander";

export interface CommandLine {
  /** The first seed, or the only one; null: any. */
  readonly seed: number | null;
  readonly seeds: number;
  readonly forMs: number;
  readonly isLogged: boolean;
  readonly without: readonly string[];
  /** Null: nothing is planted. */
  readonly planted: PlantedWish | null;
}

export interface PlantedWish {
  /** In the names of the faults. */
  readonly text: string;
  /** For each, at most. */
  readonly seeds: number;
  readonly isJson: boolean;
}

/** What a fault is to be seen in. */
const plantedSeeds = 2_000;

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000 };
const numberMax = 9_999_999_999;

function durationMs(text: string): number {
  const [, count, unit] = /^(\d+)([smh])$/.exec(text) ?? [];
  if (unit === undefined) throw new InvalidArgumentError("Expected a time like 90s, 10m or 2h.");
  return Number(count) * unitMs[unit as keyof typeof unitMs];
}

interface Options {
  readonly for?: number;
  readonly seeds?: number;
  readonly seed?: number;
  readonly log: boolean;
  readonly without?: readonly string[];
  readonly planted?: string | true;
  readonly json: boolean;
}

function createProgram(): Command {
  return new Command("simulate")
    .description(
      "Runs the real servers and clients under one seed after another, which rule time, chance, network, stores and " +
        "deaths, and looks whether what is promised holds. See docs/testing.md.",
    )
    .option("--for <time>", "how long, as 90s, 10m or 2h; without any number, a minute", durationMs)
    .option("--seeds <n>", "how many seeds, instead of a time", wholeNumber(1, numberMax))
    .option("--seed <n>", "this one seed; with --for or --seeds, the first one", wholeNumber(0, numberMax))
    .option("--log", "with one seed: everything that happens, line by line", false)
    .option(
      "--without <list>",
      "with one seed: clients and faults to leave out, as a failure names them",
      (text) => text.split(","),
    )
    .option(
      "--planted [text]",
      `faults in the servers' code, all or those with that text in their names: which of them the seeds see, in ${plantedSeeds} or --seeds`,
    )
    .option("--json", "with --planted: its table for programs", false)
    .showHelpAfterError();
}

export function parseCommandLine(args: readonly string[]): ParsedCommandLine<CommandLine> {
  return parseProgram(createProgram(), args, (program) => {
    const { seed, seeds, for: forMs, log, without, planted, json } = program.opts<Options>();
    const isOne = seed !== undefined && seeds === undefined && forMs === undefined;
    if (!isOne && (log || without !== undefined)) {
      return program.error("--log and --without go with one seed.");
    }
    if (planted === undefined ? json : seed !== undefined || forMs !== undefined) {
      return program.error("--json goes with --planted, and that with --seeds alone.");
    }
    return {
      seed: seed ?? null,
      seeds: isOne ? 1 : (seeds ?? Number.POSITIVE_INFINITY),
      forMs: isOne || seeds !== undefined ? Number.POSITIVE_INFINITY : (forMs ?? unitMs.m),
      isLogged: log,
      without: without ?? [],
      planted:
        planted === undefined
          ? null
          : { text: planted === true ? "" : planted, seeds: seeds ?? plantedSeeds, isJson: json },
    };
  });
}
