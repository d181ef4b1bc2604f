import { type Environment, optionalTextSetting, readSettings } from "@sallyport/server-kit";
import type { Command } from "commander";
import type { Argument } from "./arguments.ts";
import { type BoardRequest, boardRequests, numbers, paging } from "./board-requests.ts";
import { BoardsClient } from "./boards-client.ts";
import {
  type ClientData,
  checkServerName,
  type ResourceServer,
  readAddress,
  usualAudience,
  withAuthenticationServer,
  withoutResourceServer,
  withoutTokens,
  withResourceServer,
} from "./client-data.ts";
import { ClientFile, usualFile } from "./client-file.ts";
import { BoardsFailure, exitCodes, wrongUsage } from "./failure.ts";
import { isSure } from "./menu.ts";
import { InputEnded, openPrompt } from "./prompt.ts";
import { addProof, downloadProof, writeProof } from "./proofs.ts";
import { serversText, startMenu } from "./start-menu.ts";

/* `sallyport boards` shows the menus. With a further word it is a command, which sends one request. */

export interface BoardsDeps {
  readonly environment: Environment;
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Answers go to `output`. Commands ask for a password on `errors`, so that `output` has only the answer. */
  readonly output: NodeJS.WritableStream;
  readonly errors: NodeJS.WritableStream;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Called with an error that a person has to correct, and the exit code of the process. */
  readonly complain: (error: unknown, exitCode: number) => void;
}

const settings = {
  password: optionalTextSetting("BOARDS_PASSWORD", "Password of the identity.", { isSecret: true }),
};

interface Options {
  readonly file?: string;
  readonly server?: string;
  readonly as?: string;
  readonly audience?: string;
  readonly json?: true;
  readonly yes?: true;
  readonly [option: string]: string | true | undefined;
}

const help = `
The file has the servers and the tokens, and only you may read it: --file, or BOARDS_FILE, or sallyport/boards.json in
your folder for settings. A token is used while it is valid. Otherwise the password is asked for: at the terminal, or
from BOARDS_PASSWORD or BOARDS_PASSWORD_FILE, or as one line of the input.
Exit codes: 0 done, 1 refused, 2 wrong usage, 3 not reachable.`;

/** Lets `boards` show the menus, and adds its commands. */
export function addBoards(boards: Command, deps: BoardsDeps): void {
  boards.option("--file <path>", "file with the servers and tokens of the client").addHelpText("after", help);
  // Without an argument of its own, commander would only say that there are too many.
  boards.argument("[command]").usage("[options] [command]");
  acting(boards, deps, async (options, [word]) => {
    if (word !== undefined)
      throw wrongUsage(`unknown command ${word}: sallyport boards --help lists them all`);
    await runMenus(deps, options);
  });
  addServerCommands(boards, deps);
  addLoginCommands(boards, deps);
  for (const row of Object.values<BoardRequest>(boardRequests)) addRequestCommand(boards, row, deps);
  addProofCommands(boards, deps);
}

/** `typed` has the arguments. The option `--file` may stand before or behind the name of the command. */
function acting(
  command: Command,
  { complain }: BoardsDeps,
  run: (options: Options, typed: readonly string[]) => Promise<void>,
): void {
  command.action(async () => {
    try {
      await run(command.optsWithGlobals<Options>(), command.args);
    } catch (error) {
      complain(error, error instanceof BoardsFailure ? error.exitCode : 1);
    }
  });
}

async function runMenus(deps: BoardsDeps, { file }: Options): Promise<void> {
  const { input, output, nowMs } = deps;
  const prompt = openPrompt({ input, output });
  try {
    const needs = { file: fileOf(deps, file), nowMs, password: given(deps, (of) => prompt.secret(of)) };
    await startMenu(prompt, needs);
  } catch (error) {
    // The end of the input ends the menus, like Q.
    if (!(error instanceof InputEnded)) throw error;
  } finally {
    prompt.close();
  }
}

const fileOf = ({ environment }: BoardsDeps, file: string | undefined): ClientFile =>
  new ClientFile(file ?? usualFile(environment));

/** The password of the settings, or what `ask` gives. */
function given(
  { environment }: BoardsDeps,
  ask: (prompt: string) => Promise<string>,
): (of: string) => Promise<string> {
  const { password } = readSettings(settings, environment);
  return async (of) => password ?? ask(`password of ${of}`);
}

const usage = (name: string, args: readonly Argument<unknown>[]): string =>
  [name, ...args.map((arg) => `<${arg.name}>`)].join(" ");

/** A command with the options of all commands that ask a resource-server. */
function asking(boards: Command, name: string, doc: string, args: readonly Argument<unknown>[]): Command {
  const command = boards.command(usage(name, args)).description(doc);
  return command
    .option("--server <name>", "the resource-server; by default the first one")
    .option("--as <identity>", "your identity; by default the one that was used last")
    .option("--json", "print the data of the answer as JSON, for scripts")
    .addHelpText("after", `${args.map((arg) => `\n  ${arg.name}: ${arg.doc}`).join("")}\n${help}`);
}

type WithClient = (client: BoardsClient) => Promise<void>;

async function withClient(deps: BoardsDeps, options: Options, use: WithClient): Promise<void> {
  const file = fileOf(deps, options.file);
  const data = await file.read();
  const { nowMs, input, errors } = deps;
  const password = given(deps, async (prompt) => {
    const asked = openPrompt({ input, output: errors });
    try {
      return await asked.secret(prompt);
    } finally {
      asked.close();
    }
  });
  const client = new BoardsClient(
    { file, nowMs, password },
    serverOf(data, options),
    identityOf(data, options),
  );
  try {
    await use(client);
  } finally {
    client.close();
  }
}

function serverOf({ resourceServers }: ClientData, { server: name }: Options): ResourceServer {
  const found = name === undefined ? resourceServers[0] : resourceServers.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw wrongUsage(
    name === undefined
      ? "there is no resource-server yet: sallyport boards add-server NAME HOST:PORT"
      : `there is no resource-server ${name}`,
  );
}

function identityOf({ identities }: ClientData, { as }: Options): string {
  const identity = as ?? identities[0]?.name;
  if (identity !== undefined) return identity;
  throw wrongUsage("pass --as IDENTITY: nobody has logged in yet");
}

function say(
  { output }: BoardsDeps,
  { json }: Options,
  data: unknown,
  text: (data: unknown) => string,
): void {
  output.write(`${json === true ? JSON.stringify(data) : text(data)}\n`);
}

function addRequestCommand(boards: Command, row: BoardRequest, deps: BoardsDeps): void {
  const command = asking(boards, row.command, row.doc, Object.values(row.args));
  for (const each of Object.values(optionsOf(row))) command.option(`--${each.name} <${each.name}>`, each.doc);
  const { confirm } = row;
  if (confirm !== undefined) command.option("--yes", "do not ask whether to go on");
  acting(command, deps, async (options, typed) => {
    const fields = fieldsOf(row, typed, options);
    if (confirm !== undefined && options.yes !== true) await makeSure(deps, confirm);
    return withClient(deps, options, async (client) =>
      say(deps, options, await client.ask(row.type, fields), row.text),
    );
  });
}

/** Throws `BoardsFailure` if the person says no, or if nobody can answer. */
async function makeSure({ input, errors }: BoardsDeps, question: string): Promise<void> {
  if (input.isTTY !== true) throw wrongUsage(`${question} Add --yes to say yes.`);
  const prompt = openPrompt({ input, output: errors });
  try {
    if (!(await isSure(prompt, question))) throw new BoardsFailure("nothing was removed", exitCodes.refused);
  } finally {
    prompt.close();
  }
}

const optionsOf = ({ options = {}, isList }: BoardRequest) =>
  isList === true ? { ...options, ...paging } : options;

/** The fields of the request. Throws `BoardsFailure` for a text that an argument does not take. */
function fieldsOf(row: BoardRequest, typed: readonly string[], options: Options): object {
  const { args, always = {} } = row;
  const fields: { [name: string]: unknown } = { ...always };
  for (const [index, [field, { parse }]] of Object.entries(args).entries())
    fields[field] = parse(typed[index] ?? "");
  for (const [field, { name, parse }] of Object.entries(optionsOf(row))) {
    const text = options[name];
    if (typeof text === "string") fields[field] = parse(text);
  }
  return fields;
}

function addProofCommands(boards: Command, deps: BoardsDeps): void {
  const { entry, proof } = numbers;
  const prove = asking(boards, "prove", "add a file as a proof of your entry", [entry]);
  acting(prove.argument("<file>", "path of the file"), deps, (options, [of = "", path = ""]) => {
    const entryId = entry.parse(of);
    return withClient(deps, options, async (client) =>
      say(deps, options, await addProof(client, entryId, path), () => "Added."),
    );
  });
  const download = asking(boards, "proof", "download a proof to a new file", [proof]);
  acting(download.argument("<path>", "path of the new file"), deps, (options, [of = "", path = ""]) => {
    const fileId = proof.parse(of);
    return withClient(deps, options, async (client) => {
      await writeProof(await downloadProof(client, fileId), path);
      say(deps, options, path, () => `Written to ${path}.`);
    });
  });
}

function addServerCommands(boards: Command, deps: BoardsDeps): void {
  const list = boards.command("servers").description("list the servers that this client knows");
  acting(list.option("--json", "print them as JSON, for scripts"), deps, async (options) => {
    const data = await fileOf(deps, options.file).read();
    const { authenticationServer, resourceServers } = data;
    say(deps, options, { authenticationServer, resourceServers }, () => serversText(data));
  });
  const authentication = boards
    .command("auth-server <name> <address>")
    .description("set the authentication server: the token port of a login-server, like 127.0.0.1:8085");
  acting(authentication, deps, async ({ file }, [name = "", address = ""]) => {
    const server = { name: checkServerName(name), ...readAddress(address) };
    await fileOf(deps, file).change((data) => withAuthenticationServer(data, server));
  });
  const adding = boards
    .command("add-server <name> <address>")
    .description("add a resource-server, or change the one of this name; its address is like 127.0.0.1:8086")
    .option("--audience <name>", "what its tokens are for", usualAudience);
  acting(adding, deps, async ({ file, audience = usualAudience }, [name = "", address = ""]) => {
    const server = { name: checkServerName(name), ...readAddress(address), audience };
    await fileOf(deps, file).change((data) => {
      const isThere = data.resourceServers.some((each) => each.name === name);
      return withResourceServer(data, server, isThere ? name : null);
    });
  });
  const removing = boards.command("remove-server <name>").description("remove a resource-server");
  acting(removing, deps, async ({ file }, [name = ""]) => {
    await fileOf(deps, file).change((data) => {
      serverOf(data, { server: name });
      return withoutResourceServer(data, name);
    });
  });
}

function addLoginCommands(boards: Command, deps: BoardsDeps): void {
  const login = asking(boards, "login", "get a token, so that the next commands need no password", []);
  acting(login, deps, (options) =>
    withClient(deps, options, async (client) => {
      await client.logIn();
      const { identity, server } = client;
      say(deps, options, { identity, server: server.name }, () => `${identity} has a token.`);
    }),
  );
  const logout = boards
    .command("logout")
    .description("forget the tokens of an identity; without --as, of all of them")
    .option("--as <identity>", "the identity");
  acting(logout, deps, async ({ file, as }) => {
    await fileOf(deps, file).change((data) => withoutTokens(data, as ?? null));
  });
}
