import { addSetting, decimal, parseProgram, wholeNumber } from "@sallyport/command-line";
import { Command } from "commander";

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
      "Kills, pauses and disconnects real servers and their stores at random while bots play, and checks what became of the bots.",
    )
    .option("--minutes <n>", "minutes for which faults are injected", decimal(0.05, 1_440), 5)
    .option("--seed <n>", "seed of the faults and the bots (default: random)", wholeNumber(0, seedMax))
    .option("--bots <n>", "number of bots", wholeNumber(1, 2_000), 100)
    .option("--empty-redis", "let Redis also come back without all or the newest of its data", false)
    .option("--set <NAME=value>", "setting for all servers; may be repeated", addSetting, {})
    .option("--plan", "print the plan and exit", false)
    .option("--json <file>", "write the verdict to this file, as JSON")
    .option("--history <file>", "write every event to this file, one line of JSON each")
    .addHelpText(
      "after",
      "\nStarts all servers and stores itself, on loopback, and removes them afterwards. Exits with 1 when a check failed. The\n" +
        "same seed gives the same plan. Its effects also depend on the machine and differ from run to run.",
    );
}

export function parseCommandLine(args: readonly string[], draw: () => number) {
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
