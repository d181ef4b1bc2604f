#!/usr/bin/env node
import "./process/asked-by-signal.ts";
import { Command } from "commander";
import { commandNamed } from "./commands/command-named.ts";
import type { CommandName } from "./commands/command-settings.ts";
import type { ServerCommand } from "./commands/server-command.ts";
import { explain } from "./process/explain.ts";
import { programVersion } from "./process/program-version.ts";

const usageExitCode = 2;

const program = new Command("sallyport")
  .description(
    "Runs the login-server, char-server, map-server, gateway, front and resource-server of an online game, and asks running servers about their state. Settings are environment variables.",
  )
  .version(programVersion, "-V, --version", "print the version")
  .showHelpAfterError("(add --help to see the options and settings)")
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : usageExitCode));

/*
 * Loading all commands takes longer than most of them run. So a command is loaded only if it is asked for. Of the
 * others, the program has what its own help says.
 */
const [first = "", second = ""] = process.argv.slice(2);
const asked = first === "help" ? second : first;
const isAsked = (name: string): boolean => asked === name || asked === "completion";

const complain = (error: unknown, exitCode = 1): void => {
  explain(error);
  process.exitCode = exitCode;
};
const write = (text: string): void => void process.stdout.write(text);

const servers: {
  readonly [name in CommandName]: readonly [doc: string, load: () => Promise<ServerCommand>];
} = {
  up: [
    "run a login-server, a char-server and a map-server in this process",
    async () => (await import("./commands/run-up.ts")).upCommand,
  ],
  login: ["run a login-server", async () => (await import("./commands/run-login.ts")).loginCommand],
  char: ["run a char-server", async () => (await import("./commands/run-char.ts")).charCommand],
  map: ["run a map-server", async () => (await import("./commands/run-map.ts")).mapCommand],
  gateway: [
    "run a gateway: public ports for all servers of a world",
    async () => (await import("./commands/run-gateway.ts")).gatewayCommand,
  ],
  front: [
    "run a front: ports for clients of other protocols, such as people with a line of text",
    async () => (await import("./commands/run-front.ts")).frontCommand,
  ],
  resource: [
    "run a resource-server: leaderboards, for holders of identity tokens",
    async () => (await import("./commands/run-resource.ts")).resourceCommand,
  ],
};
for (const [name, [doc, load]] of Object.entries(servers)) {
  const command = program.command(name).description(doc);
  if (!isAsked(name)) continue;
  const [{ serve }, served] = await Promise.all([import("./commands/serve.ts"), load()]);
  serve(command, served, (code) => process.exit(code));
  if (name !== "map") continue;
  const { addMapCheck } = await import("./commands/check-maps.ts");
  addMapCheck(command, { write, writeError: (text) => process.stderr.write(text), complain });
}
const boards = program
  .command("boards")
  .description("the client application for resource-servers: menus, or one of these commands")
  .version(programVersion, "-V, --version", "print the version");
if (isAsked("boards")) {
  const { addBoards } = await import("@sallyport/boards");
  addBoards(boards, {
    environment: process.env,
    input: process.stdin,
    output: process.stdout,
    errors: process.stderr,
    nowMs: Date.now,
    complain,
  });
}
if (program.commands.every((command) => command.name() !== asked)) {
  const [operator, { readSettings }, { dataFolderSetting }] = await Promise.all([
    import("@sallyport/operator/commands"),
    import("@sallyport/server-kit"),
    import("./stores/data-folder.ts"),
  ]);
  operator.addOperatorCommands(program, {
    environment: process.env,
    dataFolder: readSettings({ folder: dataFolderSetting }, process.env).folder,
    terminal: operator.terminal,
    nowMs: Date.now,
    write,
    complain,
  });
  operator.addCompletion(program, write);
}

if (first === "help" && second !== "" && !second.startsWith("-")) {
  const words = process.argv.slice(3);
  const named = commandNamed(program, words);
  if (named === null) program.error(`error: unknown command '${words.join(" ")}'`);
  named?.help();
}
await program.parseAsync();
