import { type ParsedCommandLine, parseProgram, wholeNumber } from "@sallyport/command-line";
import { Command, InvalidArgumentError } from "commander";
import type { BenchOptions } from "./run-bench.ts";

export interface CommandLine {
  readonly run: Omit<BenchOptions, "tell">;
  /** The file that gets the report as JSON. */
  readonly json: string | null;
  /** The file with the report of another run. */
  readonly compare: string | null;
  readonly minutes: number;
}

interface Options extends Omit<BenchOptions, "tell"> {
  readonly smoke: boolean;
  readonly json?: string;
  readonly compare?: string;
  readonly minutes: number;
}

/** Each player has a place out of sight of all others, and maps have at most 1,023 cells a side. */
const clientsMax = 900;

function clientCounts(text: string): readonly number[] {
  const counts = text.split(",").map(wholeNumber(1, clientsMax));
  if (new Set(counts).size === counts.length) return counts;
  throw new InvalidArgumentError("Expected different numbers.");
}

/** Enough to see that everything works; the figures mean nothing. */
const smoke = { clients: [1, 4], rounds: 1, seconds: 1 };

const createProgram = (): Command =>
  new Command("bench")
    .description(
      "Measures hops of players beside a floor: hand-written servers that do the same connections and nothing else.",
    )
    .option("--clients <n,n>", "numbers of clients at the same time", clientCounts, [1, 16, 64, 256])
    .option("--rounds <n>", "rounds of each case; figures are their medians", wholeNumber(1, 100), 3)
    .option("--seconds <n>", "seconds that are measured of each round", wholeNumber(1, 600), 10)
    .option("--generators <n>", "processes that play the clients", wholeNumber(1, 16), 1)
    .option("--smoke", "only a few seconds, to see that everything works", false)
    .option("--json <file>", "write the report to this file, as JSON")
    .option("--compare <file>", "show what changed since the run with this report")
    .option("--minutes <n>", "minutes after which it gives up", wholeNumber(1, 600), 30)
    .addHelpText(
      "after",
      "\nStarts all servers and stores itself, on loopback, and removes them afterwards. Needs Linux. Other work on the\n" +
        "machine changes the figures; the ratios to the floor change less. Exits with 1 when a hop failed.",
    );

export function parseCommandLine(args: readonly string[]): ParsedCommandLine<CommandLine> {
  return parseProgram(createProgram(), args, (program) => {
    const options = program.opts<Options>();
    const { clients, rounds, seconds, generators, json = null, compare = null, minutes } = options;
    const size = options.smoke ? smoke : { clients, rounds, seconds };
    return { run: { ...size, generators }, json, compare, minutes };
  });
}
