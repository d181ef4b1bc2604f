import { addSetting, decimal, parseProgram, wholeNumber } from "@sallyport/command-line";
import { playerProtocols } from "@sallyport/rig";
import { Command } from "commander";

interface Options {
  readonly clients: number;
  readonly visits: number;
  readonly minutes: number;
  readonly seed: number;
  readonly set: Record<string, string>;
  readonly json?: string;
  readonly history?: string;
}

const createProgram = (): Command =>
  new Command("mixed")
    .description(
      "Clients of all protocols live in one world of real servers, gateway and fronts, while nothing is broken.",
    )
    .option("--clients <n>", "number of clients", wholeNumber(1, 2_000), 300)
    .option(
      "--visits <n>",
      "each client comes at least so often, each time by another protocol",
      wholeNumber(1, 1_000),
      playerProtocols.length,
    )
    .option("--minutes <n>", "minutes for which clients come again and again", decimal(0, 1_440), 3)
    .option("--seed <n>", "seed of what clients do", wholeNumber(0, 2 ** 31), 1)
    .option("--set <NAME=value>", "setting for all servers; may be repeated", addSetting, {})
    .option("--json <file>", "write the verdict to this file, as JSON")
    .option("--history <file>", "write every event to this file, one line of JSON each")
    .addHelpText(
      "after",
      "\nStarts all servers and stores itself, on loopback, and removes them afterwards. Exits with 1 when a check failed.",
    );

export function parseCommandLine(args: readonly string[]) {
  return parseProgram(createProgram(), args, (program) => {
    const { minutes, set, json, history, ...options } = program.opts<Options>();
    return {
      ...options,
      ...{ durationMs: Math.round(minutes * 60_000), settings: set },
      ...{ json: json ?? null, history: history ?? null },
    };
  });
}
