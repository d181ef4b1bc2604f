import { type ParsedCommandLine, parseProgram, wholeNumber } from "@sallyport/command-line";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Size } from "./report.ts";
import { type BenchOptions, type ScenarioName, scenarios } from "./run-bench.ts";

export interface CommandLine {
  readonly run: Omit<BenchOptions, "tell">;
  /** The file to which the report is written as JSON. */
  readonly json: string | null;
  /** The file with the report of another run. */
  readonly compare: string | null;
  readonly minutes: number;
}

interface Options extends Size {
  readonly only: readonly ScenarioName[];
  readonly generators: number;
  readonly smoke?: true;
  readonly json?: string;
  readonly compare?: string;
  readonly minutes: number;
}

const scenarioNames = Object.keys(scenarios) as ScenarioName[];

function named(text: string): readonly ScenarioName[] {
  const names = text.split(",");
  const isKnown = (name: string): name is ScenarioName => (scenarioNames as string[]).includes(name);
  if (names.every(isKnown)) return scenarioNames.filter((name) => names.includes(name));
  throw new InvalidArgumentError(`Expected some of ${scenarioNames.join(", ")}.`);
}

/** A map has at most 1,023 cells on each side, and each player has to stand out of sight of all others. */
const clientsMax = 900;

function clientCounts(text: string): readonly number[] {
  const counts = text.split(",").map(wholeNumber(1, clientsMax));
  if (new Set(counts).size === counts.length) return counts;
  throw new InvalidArgumentError("Expected different numbers.");
}

/** The size of a run that shows only that the bench works. The figures of such a short run mean nothing. */
const smoke = { clients: [1, 4], crowd: 8, rounds: 1, seconds: 1 };

const createProgram = (): Command =>
  new Command("bench")
    .description(
      "Measures what players cost, beside hand-written programs that do the same on the wire and nothing else.",
    )
    .addOption(
      new Option("--only <name,name>", `scenarios: some of ${scenarioNames.join(", ")}`)
        .argParser(named)
        .default(scenarioNames, "all"),
    )
    .option("--clients <n,n>", "numbers of clients that hop at the same time", clientCounts, [1, 16, 64, 256])
    .option("--crowd <n>", "number of players that come to one cell", wholeNumber(2, 5_000), 1_000)
    .option("--rounds <n>", "rounds of each case; figures are their medians", wholeNumber(1, 100), 3)
    .option("--seconds <n>", "seconds that are measured of each round", wholeNumber(1, 600), 10)
    .option("--generators <n>", "processes that play the clients", wholeNumber(1, 16), 1)
    .addOption(
      new Option("--smoke", "run everything for a second, to see that it works").conflicts([
        ...["clients", "crowd", "rounds", "seconds"],
      ]),
    )
    .option("--json <file>", "write the report to this file, as JSON")
    .option("--compare <file>", "show what changed since the run with this report")
    .option("--minutes <n>", "minutes after which it gives up", wholeNumber(1, 600), 60)
    .addHelpText(
      "after",
      "\nStarts all servers and stores itself, on loopback, and removes them afterwards. Needs Linux. Other work on the\n" +
        "machine changes the figures, and the ratios less. Exits with 1 when something failed.",
    );

export function parseCommandLine(args: readonly string[]): ParsedCommandLine<CommandLine> {
  return parseProgram(createProgram(), args, (program) => {
    const options = program.opts<Options>();
    const { only, clients, crowd, rounds, seconds, generators, json = null, compare = null } = options;
    const size = options.smoke ? smoke : { clients, crowd, rounds, seconds };
    return { run: { only, size, generators }, json, compare, minutes: options.minutes };
  });
}
