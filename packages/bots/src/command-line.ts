import {
  type LoginAddress,
  loginOptions,
  loginUrl,
  type ParsedCommandLine,
  parseProgram,
  wholeNumber,
} from "@sallyport/command-line";
import { type PasswordWay, transportTo } from "@sallyport/sdk/node";
import { Command, InvalidArgumentError, Option } from "commander";
import { isLoopback } from "./loopback.ts";
import { botsMax, namePrefixCharsMax } from "./run-bots.ts";

export interface CommandLine {
  readonly bots: number;
  readonly seconds: number;
  /** Of the login-server. */
  readonly url: string;
  /** A file of certificates to trust. */
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
    .description("Players without people: log in, choose, walk, talk, leave, and check what comes back.")
    .argument("[bots]", "how many", wholeNumber(1, botsMax), 50)
    .option("--seconds <n>", "how long to play", wholeNumber(1, secondsMax), 30);
  return loginOptions(program)
    .option("--name-prefix <text>", "start of the accounts' names", namePrefix, "bot")
    .addOption(
      new Option("--password-way <way>", "how they log in")
        .choices(["hashed", "raw", "mixed"])
        .default("hashed"),
    )
    .option("--walks <n>", "walks of one visit to a map, at most", wholeNumber(0, 1_000), 3)
    .option(
      "--ramp <seconds>",
      "until all play; by default a fifth of the time, 10 s at most",
      wholeNumber(0, secondsMax),
    )
    .option("--seed <n>", "what the bots do; the same again with the same number", wholeNumber(0, 2 ** 31), 1)
    .option("--json", "print the summary as JSON", false)
    .option("--allow-remote", "let the load go to another machine than this", false)
    .addHelpText(
      "after",
      "\nThe accounts stay for the next run, and anybody can guess their passwords.\n" +
        "Exits with 1 when a bot met an error or none got anywhere. Ctrl-C ends early, in good order.",
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
