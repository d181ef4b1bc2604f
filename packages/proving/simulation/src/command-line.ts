import { type ParsedCommandLine, parseProgram, wholeNumber } from "@sallyport/command-line";
import { Command, InvalidArgumentError } from "commander";

export interface CommandLine {
  /** The first seed, or the only seed. If null, the seed is random. */
  readonly seed: number | null;
  readonly seeds: number;
  readonly forMs: number;
  readonly isLogged: boolean;
  readonly without: readonly string[];
  /** Null unless the command plants faults. */
  readonly planted: PlantedWish | null;
}

export interface PlantedWish {
  readonly text: string;
  /** The maximum number of seeds to try for each planted fault. */
  readonly seeds: number;
  readonly isJson: boolean;
}

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
      "Runs the real servers and clients in a simulation, one seed after another. A seed decides time, randomness, network, " +
        "stores and crashes. Checks that the guarantees hold. See docs/testing.md.",
    )
    .option("--for <time>", "how long to run, like 90s, 10m or 2h (default: 1m)", durationMs)
    .option("--seeds <n>", "number of seeds to run, instead of a time", wholeNumber(1, numberMax))
    .option(
      "--seed <n>",
      "run this seed only; with --for or --seeds, begin with it",
      wholeNumber(0, numberMax),
    )
    .option("--log", "print every event; needs one seed", false)
    .option(
      "--without <list>",
      "leave out these clients and faults, comma-separated, as a failure names them; needs one seed",
      (text) => text.split(","),
    )
    .option(
      "--planted [text]",
      `plant faults in the servers, all or those with this text in their names, and report which of them ${plantedSeeds} seeds (or --seeds) find`,
    )
    .option("--json", "print the table of --planted as JSON", false)
    .showHelpAfterError();
}

export function parseCommandLine(args: readonly string[]): ParsedCommandLine<CommandLine> {
  return parseProgram(createProgram(), args, (program) => {
    const { seed, seeds, for: forMs, log, without, planted, json } = program.opts<Options>();
    const isOne = seed !== undefined && seeds === undefined && forMs === undefined;
    if (!isOne && (log || without !== undefined)) {
      return program.error("--log and --without need --seed without --for and --seeds.");
    }
    if (planted === undefined ? json : seed !== undefined || forMs !== undefined) {
      return program.error("--json needs --planted. --planted cannot be combined with --seed or --for.");
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
