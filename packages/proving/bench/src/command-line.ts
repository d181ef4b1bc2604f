import { type ParsedCommandLine, parseProgram, wholeNumber } from "@sallyport/command-line";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Size } from "./report.ts";
import { type BenchOptions, type PartName, parts } from "./run-bench.ts";

export interface CommandLine {
  readonly run: Omit<BenchOptions, "tell" | "signal">;
  /** The bench writes its report as JSON to this file. */
  readonly json: string | null;
  /** The bench compares its results with the report in this file. */
  readonly compare: string | null;
  /** If this file is set, the bench measures nothing. It prints the report in the file as Markdown. */
  readonly markdown: string | null;
  readonly minutes: number;
}

interface Options extends Omit<Size, "crowds" | "held" | "atOnce"> {
  readonly crowd: Size["crowds"];
  readonly hold: Size["held"];
  readonly only: readonly PartName[];
  readonly generators: number;
  readonly smoke?: true;
  readonly json?: string;
  readonly compare?: string;
  readonly markdown?: string;
  readonly minutes: number;
}

const partNames = Object.keys(parts) as PartName[];

function named(text: string): readonly PartName[] {
  const names = text.split(",");
  const isKnown = (name: string): name is PartName => (partNames as string[]).includes(name);
  if (names.every(isKnown)) return partNames.filter((name) => names.includes(name));
  throw new InvalidArgumentError(`Expected some of ${partNames.join(", ")}.`);
}

const counts =
  (least: number, most: number) =>
  (text: string): readonly number[] => {
    const numbers = text.split(",").map(wholeNumber(least, most));
    if (new Set(numbers).size === numbers.length) return numbers;
    throw new InvalidArgumentError("Expected different numbers.");
  };

/** On many machines, a process can open at most 20,000 sockets. */
const playersMax = 15_000;

const usual: Size = {
  clients: [1, 16, 64, 256],
  atOnce: 16,
  crowds: [1_000, 3_000],
  held: [1_000, 10_000],
  walkers: 3_000,
  gamePlayers: 1_000,
  fishers: 200,
  locks: 100_000,
  rounds: 3,
  seconds: 10,
  warmUp: 10_000,
};

/** A run of this size shows only that the bench works. Its figures mean nothing. */
const smoke: Size = {
  clients: [1, 4],
  atOnce: 4,
  crowds: [8],
  // The bench measures the walkers both while they walk and while they stand. So no other players are needed.
  held: [],
  walkers: 8,
  gamePlayers: 8,
  fishers: 4,
  locks: 1_000,
  rounds: 1,
  seconds: 0.2,
  warmUp: 0,
};

const createProgram = (): Command =>
  new Command("bench")
    .description(
      "Measures what players cost, beside hand-written programs that do the same on the wire and nothing else.",
    )
    .addOption(
      new Option("--only <part,part>", `parts: some of ${partNames.join(", ")}`)
        .argParser(named)
        .default(partNames, "all"),
    )
    .option("--clients <n,n>", "clients that hop at the same time", counts(1, 1_000), usual.clients)
    .option("--crowd <n,n>", "players that come to one cell", counts(2, 5_000), usual.crowds)
    .option("--walkers <n>", "players that walk far apart", wholeNumber(1, playersMax), usual.walkers)
    .option("--hold <n,n>", "players that stand far apart", counts(1, playersMax), usual.held)
    .option(
      "--game-players <n>",
      "players that walk on the map of each game",
      wholeNumber(2 * usual.atOnce, 5_000),
      usual.gamePlayers,
    )
    .option("--fishers <n>", "actors that walk among them", wholeNumber(1, 10_000), usual.fishers)
    .option("--locks <n>", "locks that a restarted server reclaims", wholeNumber(1, 1_000_000), usual.locks)
    .option(
      "--rounds <n>",
      "rounds of each case; figures are their medians",
      wholeNumber(1, 100),
      usual.rounds,
    )
    .option("--seconds <n>", "seconds that are measured of each round", wholeNumber(1, 600), usual.seconds)
    .option(
      "--warm-up <n>",
      "hops at new servers before they are measured",
      wholeNumber(0, 1_000_000),
      usual.warmUp,
    )
    .option("--generators <n>", "processes that play the clients", wholeNumber(1, 16), 1)
    .addOption(
      new Option("--smoke", "run everything for a second, to see that it works").conflicts([
        ...["clients", "crowd", "walkers", "hold", "gamePlayers", "fishers", "locks"],
        ...["rounds", "seconds", "warmUp"],
      ]),
    )
    .option("--json <file>", "write the report to this file, as JSON")
    .option("--compare <file>", "show what changed since the run with this report")
    .addOption(
      new Option("--markdown <file>", "only print the report in this file, as Markdown").conflicts([
        "json",
        "compare",
      ]),
    )
    .option("--minutes <n>", "minutes after which it gives up", wholeNumber(1, 600), 120)
    .addHelpText(
      "after",
      "\nStarts all servers and stores itself, on loopback, and removes them afterwards. Needs Linux. Other work on the\n" +
        "machine changes the figures, and the ratios less. Exits with 1 when something failed.",
    );

export function parseCommandLine(args: readonly string[]): ParsedCommandLine<CommandLine> {
  return parseProgram(createProgram(), args, (program) => {
    const options = program.opts<Options>();
    const { only, generators, minutes, json = null, compare = null, markdown = null } = options;
    const { clients, crowd: crowds, hold: held, walkers, gamePlayers, fishers, ...others } = options;
    const { atOnce } = usual;
    const { locks, rounds, seconds, warmUp } = others;
    const players = { clients, atOnce, crowds, held, walkers, gamePlayers, fishers };
    const size = options.smoke ? smoke : { ...players, locks, rounds, seconds, warmUp };
    const run = { only, size, generators, groupsAtOnce: options.smoke ? 2 : 1 };
    return { run, json, compare, markdown, minutes };
  });
}
