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
  /** Each client stays on the map for this many seconds. */
  readonly stay: number;
  /** Clients wait this many seconds for an answer. */
  readonly timeout: number;
  readonly manner: Manner;
  readonly packetver: keyof typeof profiles;
  readonly wholeGame: boolean;
  readonly tolerate: readonly ProtocolFault[];
  readonly seed: number;
  /** A file name. `-` stands for stdout. */
  readonly json?: string;
  readonly anywhere: boolean;
}

const accountsMax = 100_000;
const concurrencyMax = 10_000;
const secondsMax = 86_400;
/**
 * Maximum length of an account name. With the suffix `_M` for registration and a final NUL, such a name
 * fills its field of 24 bytes.
 */
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

/** Puts the number into the pattern, like printf. */
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
    .description(
      "Simulated Ragnarok clients. They log in, choose a character, walk, talk and leave, and check every byte.",
    )
    .addOption(
      new Option("--login <host:port>", "address of the login-server")
        .argParser(address)
        .default({ host: "127.0.0.1", port: 6900 }, "127.0.0.1:6900"),
    )
    .option("--accounts <pattern>", "account names, with %d or %05d for the number", pattern, "load%05d")
    .option("--password <text>", "password of all accounts", "secret")
    .option("--first <n>", "number of the first account", wholeNumber(0, 99_999_999), 1)
    .option(
      "--total <n>",
      "number of accounts; without --seconds each plays one round",
      wholeNumber(1, accountsMax),
      100,
    )
    .option("--concurrency <n>", "number of clients at the same time", wholeNumber(1, concurrencyMax), 50)
    .addOption(
      new Option("--phase <phase>", "phase at which a round ends").choices([...phases]).default("hop"),
    )
    .option("--seconds <n>", "seconds to play, with all accounts in turn", wholeNumber(1, secondsMax))
    .option("--register", "register each account with a first login as name_M", false)
    .option("--create", "create a character for an account that has none", false)
    .option("--walk", "walk and talk on the map", false)
    .option("--stay <seconds>", "seconds to stay on the map", wholeNumber(0, secondsMax), 0)
    .option("--timeout <seconds>", "seconds to wait for each answer", wholeNumber(1, 600), 30)
    .addOption(
      new Option("--manner <client>", "client whose behaviour is imitated")
        .choices(["openkore", "robrowser"])
        .default("openkore"),
    )
    .addOption(
      new Option("--packetver <date>", "packet version of the clients")
        .choices(Object.keys(profiles))
        .default("20100105"),
    )
    .option("--whole-game", "ignore further packets that servers of complete games send", false)
    .option(
      "--tolerate <kinds>",
      "protocol faults that do not count as errors, comma-separated",
      tolerated,
      [],
    )
    .option("--seed <n>", "seed of where clients walk and how they leave", wholeNumber(0, 2 ** 31), 1)
    .option("--json <file>", "write the summary to this file, as JSON; - writes it to stdout")
    .option("--anywhere", "allow a login-server on another machine", false)
    .addHelpText(
      "after",
      "\nExits with 1 when a client met an error or no client finished a round. Ctrl-C stops the clients early and still reports.",
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
