import { AddressInvalid, type PasswordWay, transportTo } from "@sallyport/sdk/node";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
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

/** What was asked for, or what to print and the code to exit with. */
export type ParsedCommandLine =
  | { readonly ok: true; readonly value: CommandLine }
  | { readonly ok: false; readonly exitCode: 0 | 2; readonly text: string };

const secondsMax = 3_600;

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}

function namePrefix(text: string): string {
  if (new RegExp(`^[A-Za-z0-9_]{1,${namePrefixCharsMax}}$`).test(text)) return text;
  throw new InvalidArgumentError(`Expected 1 to ${namePrefixCharsMax} letters, digits or underscores.`);
}

function address(url: string): string {
  try {
    transportTo(url);
    return url;
  } catch (error) {
    if (!(error instanceof AddressInvalid)) throw error;
    throw new InvalidArgumentError("Expected tcp://, tls://, ws:// or wss:// and a host.");
  }
}

function createProgram(print: (text: string) => void): Command {
  return new Command("bots")
    .description("Players without people: log in, choose, walk, talk, leave, and check what comes back.")
    .argument("[bots]", "how many", wholeNumber(1, botsMax), 50)
    .option("--seconds <n>", "how long to play", wholeNumber(1, secondsMax), 30)
    .option("--host <host>", "of the login-server", "127.0.0.1")
    .option("--port <port>", "of the login-server", wholeNumber(1, 65_535), 7100)
    .addOption(
      new Option("--url <address>", "of the login-server, by tcp://, tls://, ws:// or wss://")
        .argParser(address)
        .conflicts(["host", "port"]),
    )
    .option("--ca <file>", "certificates to trust, in PEM, instead of the system's")
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
    )
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: print });
}

export function parseCommandLine(args: readonly string[]): ParsedCommandLine {
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
  const { host, port, url, ...options } = program.opts<
    Omit<CommandLine, "bots" | "url"> & { host: string; port: number; url?: string }
  >();
  const plain = `tcp://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const value: CommandLine = { ...options, url: url ?? plain, bots: program.processedArgs[0] as number };
  const { login } = transportTo(value.url);
  if (isLoopback(login.host) || value.allowRemote) return { ok: true, value };
  const why = `${login.host} is another machine. Add --allow-remote if its owner expects this load.\n`;
  return { ok: false, exitCode: 2, text: why };
}
