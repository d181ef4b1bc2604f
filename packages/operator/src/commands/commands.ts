import type { Environment } from "@sallyport/server-kit";
import { Argument, type Command, InvalidArgumentError, Option } from "commander";
import type { WhoisAnswer } from "../answers.ts";
import { adminRequests } from "../requests/admin-requests.ts";
import { drain, locks, whois } from "../requests/cluster-requests.ts";
import { countField, type Field } from "../requests/fields.ts";
import type { AnyRequest } from "../requests/request.ts";
import { type AdminPortAt, adminUrl, ask, CannotAsk, exitCodes } from "./ask.ts";
import { drainMapServer } from "./drain.ts";
import { allLocks, listedMax } from "./lock-pages.ts";
import { credentialFor } from "./operator-credential.ts";
import type { Terminal } from "./terminal.ts";

/* The commands for operators. Each request of the table `adminRequests` is one command. */

export interface CommandsDeps {
  readonly environment: Environment;
  /** `SALLYPORT_DATA`: a server on this machine leaves its token there. */
  readonly dataFolder: string;
  readonly terminal: Terminal;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  readonly write: (text: string) => void;
  /** Called with an error that an operator has to correct, and the exit code of the process. */
  readonly complain: (error: unknown, exitCode: number) => void;
}

interface Options {
  readonly admin?: string;
  readonly as?: string;
  readonly json?: true;
  readonly yes?: true;
  readonly [field: string]: string | true | undefined;
}

type Given = { readonly [field: string]: string };

/** Sends the request, and resolves to the answer. Resolves to null if it has told everything. */
type Run = (at: AdminPortAt, given: Given, tell: (line: string) => void) => Promise<object | null>;

const help = `
Asks a running server at its admin port: the one that ADMIN_HOST and ADMIN_PORT name (default 9464), or --admin. The
credential is the account of --as, or the token in ADMIN_TOKEN or ADMIN_TOKEN_FILE, or the one in SALLYPORT_DATA.
Exit codes: 0 done, 1 refused, 2 wrong usage, 3 not reachable.`;

export function addOperatorCommands(program: Command, deps: CommandsDeps): void {
  for (const row of adminRequests) addRequestCommand(program, row, deps);
}

function addRequestCommand(program: Command, row: AnyRequest, deps: CommandsDeps): void {
  const words = row.command.split(" ");
  const [last = ""] = words.slice(-1);
  const parent = words.slice(0, -1).reduce(groupIn, program);
  const command = parent
    .command(last)
    .description(row.doc)
    .option("--admin <url>", "admin port of a server, like http://127.0.0.1:9464")
    .option("--as <account>", "ask as this account, with its password")
    .option("--json", "print the answer as JSON, for scripts")
    .addHelpText("after", help);
  if (row.confirm !== undefined) command.option("--yes", "do not ask whether to go on");
  for (const name of row.args) {
    const field = row.fields[name];
    if (field !== undefined) command.addArgument(argumentOf(name, field));
  }
  for (const [name, field] of Object.entries(fieldsOf(row)))
    if (!row.args.includes(name) && !field.isSecret) command.addOption(optionOf(name, field));
  command.action(async (...all: unknown[]) => {
    const options = all[row.args.length] as Options;
    const given = Object.fromEntries(
      Object.keys(row.fields).flatMap((name) => {
        const at = row.args.indexOf(name);
        const text = at === -1 ? options[name] : all[at];
        return typeof text === "string"
          ? [[name, text] as const]
          : text === true
            ? [[name, "yes"] as const]
            : [];
      }),
    );
    await carryOut(row, given, options, deps);
  });
}

const groupDocs: { readonly [group: string]: string } = {
  account: "create, look at and change accounts",
  ban: "ban addresses, networks and devices",
  character: "look at and change characters",
};

function groupIn(parent: Command, word: string): Command {
  const found = parent.commands.find((each) => each.name() === word);
  return found ?? parent.command(word).description(groupDocs[word] ?? "");
}

const argumentOf = (name: string, { doc, isOptional, parse }: Field<unknown>): Argument =>
  new Argument(isOptional ? `[${name}]` : `<${name}>`, doc).argParser(checkedBy(parse));

/** A text that the server would refuse is wrong usage. The server gets the text as it was typed. */
const checkedBy =
  (parse: Field<unknown>["parse"]) =>
  (text: string): string => {
    const parsed = parse(text);
    if (parsed.ok) return text;
    throw new InvalidArgumentError(`Expected ${parsed.expected}.`);
  };

/** A command follows the pages of a list, so it may ask for more locks than one request. */
const fieldsOf = ({ fields, command }: AnyRequest): AnyRequest["fields"] =>
  command === locks.command
    ? {
        ...fields,
        limit: {
          ...fields["limit"],
          ...countField("number of locks to list, about; default 100", 1, listedMax),
          isOptional: true,
        },
      }
    : fields;

function optionOf(name: string, { doc, allowed, isOptional, parse }: Field<unknown>): Option {
  const isFlag = allowed === "yes or no";
  const notes = [isOptional ? [] : "required", allowed ?? []].flat();
  const bounds = notes.length === 0 ? "" : ` (${notes.join("; ")})`;
  const flag = `--${name.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;
  const option = new Option(isFlag ? flag : `${flag} <${name}>`, doc + (isFlag ? "" : bounds));
  option.makeOptionMandatory(!isOptional);
  if (!isFlag) option.argParser(checkedBy(parse));
  return option;
}

async function carryOut(row: AnyRequest, given: Given, options: Options, deps: CommandsDeps): Promise<void> {
  const { terminal, environment, nowMs, write, complain } = deps;
  try {
    const url = adminUrl(options.admin, environment);
    if (row.confirm !== undefined && options.yes !== true) {
      const isSure = await terminal.confirm(
        row.confirm.replaceAll(/\{(\w+)\}/g, (_, name) => given[name] ?? ""),
      );
      if (!isSure) throw new CannotAsk("nothing was changed", exitCodes.refused);
    }
    const at = { url, authorization: await credentialFor(url, options.as, deps) };
    const secrets: { [field: string]: string } = {};
    for (const [name, { isSecret, doc }] of Object.entries(row.fields))
      if (isSecret) secrets[name] = await terminal.secret(doc);
    const run: Run = special[row.command] ?? ((port, fields) => ask(port, row, fields));
    const answer = await run(at, { ...given, ...secrets }, (line) => write(`${line}\n`));
    if (answer === null) return;
    write(options.json ? `${JSON.stringify(answer, null, 2)}\n` : row.text(answer as never, nowMs()));
    if (row.command === whois.command && (answer as WhoisAnswer).accounts.length === 0)
      process.exitCode = exitCodes.refused;
  } catch (error) {
    complain(error, error instanceof CannotAsk ? error.exitCode : exitCodes.refused);
  }
}

const special: { readonly [command: string]: Run } = {
  [locks.command]: allLocks,
  [drain.command]: async (at, { server = "" }, tell) => {
    await drainMapServer(at, server, tell);
    return null;
  },
};
