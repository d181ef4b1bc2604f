import { type ParsedCommandLine, parseProgram, wholeNumber } from "@sallyport/command-line";
import { type LoginAddress, loginOptions, loginUrl } from "@sallyport/command-line/login-address";
import { type PasswordWay, transportTo } from "@sallyport/sdk/node";
import { Command, InvalidArgumentError, Option } from "commander";
import { isLoopback } from "./loopback.ts";
import { botsMax, namePrefixCharsMax } from "./run-bots.ts";

export interface CommandLine {
  readonly bots: number;
  readonly seconds: number;
  /** The address of the login-server. */
  readonly url: string;
  /** This PEM file contains the certificates to trust. */
  readonly ca?: string;
  readonly namePrefix: string;
  readonly passwordWay: PasswordWay | "mixed";
  readonly walks: number;
  readonly ramp?: number;
  readonly seed: number;
  readonly json: boolean;
  readonly allowRemote: boolean;
}

const secondsMax = 3_600;

function namePrefix(text: string): string {
  if (new RegExp(`^[A-Za-z0-9_]{1,${namePrefixCharsMax}}$`).test(text)) return text;
  throw new InvalidArgumentError(`Expected 1 to ${namePrefixCharsMax} letters, digits or underscores.`);
}

function createProgram(): Command {
  const program = new Command("bots")
    .description(
      "Simulated players. They log in, choose a character, walk, talk and leave, and check every answer.",
    )
    .argument("[bots]", "number of bots", wholeNumber(1, botsMax), 50)
    .option("--seconds <n>", "seconds to play", wholeNumber(1, secondsMax), 30);
  return loginOptions(program)
    .option("--name-prefix <text>", "beginning of the account names", namePrefix, "bot")
    .addOption(
      new Option("--password-way <way>", "how the bots send their passwords")
        .choices(["hashed", "raw", "mixed"])
        .default("hashed"),
    )
    .option("--walks <n>", "most walks in one visit to a map", wholeNumber(0, 1_000), 3)
    .option(
      "--ramp <seconds>",
      "seconds until all bots play (default: a fifth of --seconds, at most 10)",
      wholeNumber(0, secondsMax),
    )
    .option(
      "--seed <n>",
      "seed of the bots' actions; the same seed gives the same actions",
      wholeNumber(0, 2 ** 31),
      1,
    )
    .option("--json", "print the summary as JSON", false)
    .option("--allow-remote", "allow a login-server on another machine", false)
    .addHelpText(
      "after",
      "\nThe accounts stay for the next run, and their passwords are easy to guess.\n" +
        "Exits with 1 when a bot met an error or no bot reached a map. Ctrl-C stops the bots early and still reports.",
    );
}

export function parseCommandLine(args: readonly string[]): ParsedCommandLine<CommandLine> {
  return parseProgram(createProgram(), args, (program) => {
    const { host, port, url, ...options } = program.opts<Omit<CommandLine, "bots" | "url"> & LoginAddress>();
    const address = loginUrl({ host, port, url });
    const value: CommandLine = { ...options, url: address, bots: program.processedArgs[0] as number };
    const { login } = transportTo(value.url);
    if (isLoopback(login.host) || value.allowRemote) return value;
    return program.error(
      `${login.host} is another machine. Add --allow-remote if its owner expects this load.`,
    );
  });
}
