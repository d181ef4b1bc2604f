import {
  addSetting,
  decimal,
  type ParsedCommandLine,
  parseProgram,
  wholeNumber,
} from "@sallyport/command-line";
import { Command } from "commander";

export interface CommandLine {
  readonly seed: number;
  readonly bots: number;
  readonly durationMs: number;
  readonly losesRedis: boolean;
  readonly settings: Readonly<Record<string, string>>;
  readonly planOnly: boolean;
  /** Where the verdict goes as JSON. */
  readonly json: string | null;
  /** Where all that happened goes, a line of JSON each. */
  readonly history: string | null;
}

interface Options {
  readonly minutes: number;
  readonly seed?: number;
  readonly bots: number;
  readonly emptyRedis: boolean;
  readonly set: Record<string, string>;
  readonly plan: boolean;
  readonly json?: string;
  readonly history?: string;
}

const seedMax = 2 ** 31;

function createProgram(): Command {
  return new Command("chaos")
    .description(
      "Kills, pauses and cuts off real servers and their stores at random, beside bots, and looks what became of them.",
    )
    .option("--minutes <n>", "that faults go on", decimal(0.05, 1_440), 5)
    .option("--seed <n>", "of faults and bots; drawn if not given", wholeNumber(0, seedMax))
    .option("--bots <n>", "how many players", wholeNumber(1, 2_000), 100)
    .option("--empty-redis", "Redis may also come back without its data, or its newest", false)
    .option("--set <NAME=value>", "a setting of the servers; can be given again", addSetting, {})
    .option("--plan", "print what would be done, and do nothing", false)
    .option("--json <file>", "write the verdict there, as JSON")
    .option("--history <file>", "write there all that happened, a line of JSON each")
    .addHelpText(
      "after",
      "\nStarts everything itself, on loopback, and leaves nothing behind. Exits with 1 when something did not hold. The\n" +
        "same seed makes the same plan; what comes of it is also the machine's doing, and differs from run to run.",
    );
}

export function parseCommandLine(
  args: readonly string[],
  draw: () => number,
): ParsedCommandLine<CommandLine> {
  return parseProgram(createProgram(), args, (program) => {
    const { minutes, seed, bots, emptyRedis, set, plan, json, history } = program.opts<Options>();
    return {
      seed: seed ?? Math.floor(draw() * seedMax),
      bots,
      durationMs: Math.round(minutes * 60_000),
      losesRedis: emptyRedis,
      settings: set,
      planOnly: plan,
      json: json ?? null,
      history: history ?? null,
    };
  });
}
