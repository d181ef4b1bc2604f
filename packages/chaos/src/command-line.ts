import { Command, CommanderError, InvalidArgumentError } from "commander";

export interface CommandLine {
  readonly seed: number;
  readonly bots: number;
  readonly durationMs: number;
  readonly losesRedis: boolean;
  readonly settings: Readonly<Record<string, string>>;
  readonly planOnly: boolean;
  /** Where the verdict goes as JSON. */
  readonly json: string | null;
}

/** What was asked for, or what to print and the code to exit with. */
export type ParsedCommandLine =
  | { readonly ok: true; readonly value: CommandLine }
  | { readonly ok: false; readonly exitCode: 0 | 2; readonly text: string };

function number(least: number, most: number, isWhole: boolean): (text: string) => number {
  return (text) => {
    const value = Number(text);
    const isFine = /^\d+(\.\d+)?$/.test(text) && (!isWhole || Number.isInteger(value));
    if (isFine && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a ${isWhole ? "whole " : ""}number from ${least} to ${most}.`);
  };
}

function addSetting(text: string, settings: Record<string, string> = {}): Record<string, string> {
  const [, variable, value] = /^([A-Z_]+)=(.*)$/.exec(text) ?? [];
  if (variable === undefined || value === undefined) throw new InvalidArgumentError("Expected NAME=value.");
  return { ...settings, [variable]: value };
}

interface Options {
  readonly minutes: number;
  readonly seed?: number;
  readonly bots: number;
  readonly emptyRedis: boolean;
  readonly set: Record<string, string>;
  readonly plan: boolean;
  readonly json?: string;
}

const seedMax = 2 ** 31;

function createProgram(print: (text: string) => void): Command {
  return new Command("chaos")
    .description(
      "Kills, pauses and cuts off real servers and their stores at random, beside bots, and looks what became of them.",
    )
    .option("--minutes <n>", "that faults go on", number(0.05, 1_440, false), 5)
    .option("--seed <n>", "of faults and bots; drawn if not given", number(0, seedMax, true))
    .option("--bots <n>", "how many players", number(1, 2_000, true), 100)
    .option("--empty-redis", "Redis may also come back without its data", false)
    .option("--set <NAME=value>", "a setting of the servers; can be given again", addSetting, {})
    .option("--plan", "print what would be done, and do nothing", false)
    .option("--json <file>", "write the verdict there, as JSON")
    .addHelpText(
      "after",
      "\nStarts everything itself, on loopback, and leaves nothing behind. Exits with 1 when something did not hold. The\n" +
        "same seed makes the same plan; what comes of it is also the machine's doing, and differs from run to run.",
    )
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: print });
}

export function parseCommandLine(args: readonly string[], draw: () => number): ParsedCommandLine {
  let text = "";
  const program = createProgram((more) => {
    text += more;
  });
  try {
    program.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { ok: false, exitCode: error.exitCode === 0 ? 0 : 2, text };
  }
  const { minutes, seed, bots, emptyRedis, set, plan, json } = program.opts<Options>();
  return {
    ok: true,
    value: {
      seed: seed ?? Math.floor(draw() * seedMax),
      bots,
      durationMs: Math.round(minutes * 60_000),
      losesRedis: emptyRedis,
      settings: set,
      planOnly: plan,
      json: json ?? null,
    },
  };
}
