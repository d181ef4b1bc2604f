import { isLoopback } from "@sallyport/bots";
import { type ParsedCommandLine, parseProgram, wholeNumber } from "@sallyport/command-line";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Manner } from "../client/client-options.ts";
import { type ProtocolFault, protocolFaults } from "../wire/packet-stream.ts";
import { profiles } from "../wire/profile.ts";
import { type Phase, phases } from "./round.ts";

export interface CommandLine {
  readonly login: { readonly host: string; readonly port: number };
  readonly accounts: readonly string[];
  readonly password: string;
  readonly concurrency: number;
  readonly phase: Phase;
  readonly seconds?: number;
  readonly register: boolean;
  readonly create: boolean;
  readonly walk: boolean;
  /** Seconds. */
  readonly stay: number;
  /** Seconds. */
  readonly timeout: number;
  readonly manner: Manner;
  readonly packetver: keyof typeof profiles;
  readonly wholeGame: boolean;
  readonly tolerate: readonly ProtocolFault[];
  readonly seed: number;
  /** A file; - is stdout. */
  readonly json?: string;
  readonly anywhere: boolean;
}

const accountsMax = 100_000;
const concurrencyMax = 10_000;
const secondsMax = 86_400;
/** With the `_M` that registers and the zero at its end it fills the field. */
const accountCharsMax = 21;

function address(text: string): { host: string; port: number } {
  const [, host = "", port = ""] = /^(.+):(\d+)$/.exec(text) ?? [];
  if (host === "" || Number(port) < 1 || Number(port) > 65_535) {
    throw new InvalidArgumentError("Expected host:port.");
  }
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
}

function pattern(text: string): string {
  if (/^[\w.-]*%(0\d)?d[\w.-]*$/.test(text)) return text;
  throw new InvalidArgumentError("Expected a name with one %d or %05d for the number.");
}

/** As printf has it. */
function accountName(namePattern: string, number: number): string {
  return namePattern.replace(/%(?:0(\d))?d/, (_, width: string | undefined) =>
    String(number).padStart(Number(width ?? 0), "0"),
  );
}

function tolerated(text: string): ProtocolFault[] {
  const kinds = text.split(",");
  const isKnown = (kind: string): kind is ProtocolFault =>
    (protocolFaults as readonly string[]).includes(kind);
  if (!kinds.every(isKnown)) throw new InvalidArgumentError(`Expected some of ${protocolFaults.join(", ")}.`);
  return kinds;
}

function createProgram(): Command {
  return new Command("ragnarok-load")
    .description("Ragnarok clients without people: log in, choose, walk, talk, leave, and judge every byte.")
    .addOption(
      new Option("--login <host:port>", "of the login-server")
        .argParser(address)
        .default({ host: "127.0.0.1", port: 6900 }, "127.0.0.1:6900"),
    )
    .option("--accounts <pattern>", "names, with %d or %05d for the number", pattern, "load%05d")
    .option("--password <text>", "of all accounts", "secret")
    .option("--first <n>", "number of the first account", wholeNumber(0, 99_999_999), 1)
    .option(
      "--total <n>",
      "accounts; each plays one round, unless --seconds",
      wholeNumber(1, accountsMax),
      100,
    )
    .option("--concurrency <n>", "clients at the same time", wholeNumber(1, concurrencyMax), 50)
    .addOption(new Option("--phase <phase>", "how far a round goes").choices([...phases]).default("hop"))
    .option("--seconds <n>", "play rounds for so long, with all accounts in turn", wholeNumber(1, secondsMax))
    .option("--register", "register each account by its first login, with _M behind its name", false)
    .option("--create", "make a character where there is none", false)
    .option("--walk", "walk and say something on the map", false)
    .option("--stay <seconds>", "stay on the map", wholeNumber(0, secondsMax), 0)
    .option("--timeout <seconds>", "wait for each answer", wholeNumber(1, 600), 30)
    .addOption(
      new Option("--manner <client>", "whose habits the clients have")
        .choices(["openkore", "robrowser"])
        .default("openkore"),
    )
    .addOption(
      new Option("--packetver <date>", "generation of the clients")
        .choices(Object.keys(profiles))
        .default("20100105"),
    )
    .option("--whole-game", "pass over what servers of whole games send besides", false)
    .option("--tolerate <kinds>", "faults of the protocol that are no errors, with commas", tolerated, [])
    .option("--seed <n>", "where they walk and how they leave", wholeNumber(0, 2 ** 31), 1)
    .option("--json <file>", "write the summary as JSON; - is stdout")
    .option("--anywhere", "let the load go to another machine than this", false)
    .addHelpText(
      "after",
      "\nExits with 1 when a client met an error or none got through. Ctrl-C ends early, in good order.",
    );
}

export function parseCommandLine(args: readonly string[]): ParsedCommandLine<CommandLine> {
  return parseProgram(createProgram(), args, (program) => {
    const { accounts, first, total, packetver, ...options } = program.opts<
      Omit<CommandLine, "accounts" | "packetver"> & {
        accounts: string;
        first: number;
        total: number;
        packetver: string;
      }
    >();
    const names = Array.from({ length: total }, (_, index) => accountName(accounts, first + index));
    const long = names.find((name) => name.length > accountCharsMax);
    if (long !== undefined)
      return program.error(`The account ${long} has more than ${accountCharsMax} characters.`);
    const { host } = options.login;
    if (!isLoopback(host) && !options.anywhere) {
      return program.error(`${host} is another machine. Add --anywhere if its owner expects this load.`);
    }
    return { ...options, accounts: names, packetver: Number(packetver) as keyof typeof profiles };
  });
}
