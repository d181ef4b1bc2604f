#!/usr/bin/env node
import "./process/asked-by-signal.ts";
import { addBoardsCommand } from "@sallyport/boards";
import { addCompletion, addOperatorCommands, terminal } from "@sallyport/operator";
import {
  createLog,
  describeSettings,
  describeUnknown,
  type Environment,
  type Log,
  readSettings,
  SettingsInvalid,
  type UnknownSetting,
  written,
} from "@sallyport/server-kit";
import { Command, InvalidArgumentError } from "commander";
import { addMapCheck } from "./commands/check-maps.ts";
import { commandSettings } from "./commands/command-settings.ts";
import { type CommandName, readCommand, unknownIn } from "./commands/read-command.ts";
import { readChar, runChar } from "./commands/run-char.ts";
import { readFront, runFront } from "./commands/run-front.ts";
import { readGateway, runGateway } from "./commands/run-gateway.ts";
import { readLogin, runLogin } from "./commands/run-login.ts";
import { readMap, runMap } from "./commands/run-map.ts";
import { readResource, runResource } from "./commands/run-resource.ts";
import { readUp, runUp } from "./commands/run-up.ts";
import { onHangUp, onWhoIsInAsked } from "./process/asked-by-signal.ts";
import { changeLevelOnSignal, type Operation, openOperation } from "./process/operation.ts";
import { createShell, type Running, type Shell, type StopReason } from "./process/shell.ts";
import { operationOfWorker, workerNumber } from "./process/worker.ts";
import { Workers, workersMax } from "./process/workers.ts";
import { dataFolderSetting } from "./stores/data-folder.ts";
import { StoppedEarly } from "./stores/wait-for-stores.ts";
import { withAllDoors } from "./tiers/front-tier.ts";
import { withRagnarok } from "./tiers/ragnarok-doors.ts";
import { withWeb } from "./web/web-settings.ts";

const usageExitCode = 2;

const program = new Command("sallyport")
  .description(
    "Runs the login-server, char-server, map-server, gateway, front and resource-server of an online game, and asks running servers about their state. Settings are environment variables.",
  )
  .showHelpAfterError("(add --help to see the options and settings)")
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : usageExitCode));

interface Served<S> {
  readonly read: (environment: Environment) => Promise<S>;
  readonly run: (shell: Shell, settings: S) => Promise<Running>;
}

interface Options {
  readonly ragnarok?: true;
  readonly web?: true;
  readonly allDoors?: true;
  readonly game?: string;
  readonly workers?: number;
}

/** Adds a command to the program. Returns it, so that the caller can add options. */
function serve<S>(name: CommandName, description: string, { read, run }: Served<S>): Command {
  const listed = describeSettings(commandSettings[name]);
  return program
    .command(name)
    .description(description)
    .option(
      "--ragnarok",
      "open the ports for Ragnarok clients, on their usual numbers, and load maps that these clients have",
    )
    .addHelpText("after", `\nEnvironment variables [default; allowed values]:\n${listed}`)
    .action(async ({ ragnarok, web, allDoors, game, workers: count = 1 }: Options) => {
      const played = game === undefined ? process.env : { ...process.env, GAME: game };
      const given = web || allDoors ? withWeb(played) : played;
      const opened = allDoors ? withAllDoors(given) : given;
      const environment = ragnarok || allDoors ? withRagnarok(opened) : opened;
      const worker = workerNumber();
      const unknown = worker === null ? unknownIn(environment) : [];
      try {
        const as = { isWorker: worker !== null, workers: count };
        const { operation: ofProcess, settings } = await readCommand(name, environment, read, as);
        const { logLevel, stopMs, ...admin } = ofProcess;
        const workers = worker === null && count > 1 ? new Workers(count) : null;
        const log = createLog(name, logLevel).child(worker === null ? {} : { worker });
        const operation =
          worker === null ? await openOperation(admin, log, workers?.metrics) : operationOfWorker(admin);
        const early = new AbortController();
        const shell = {
          ...createShell(log, operation.metrics, () => process.exit(1)),
          stopping: early.signal,
        };
        changeLevelOnSignal(shell.log);
        rereadOnSignal(shell.log, logLevel);
        if (operation.adminPort) shell.log.info({ admin: operation.adminPort.address }, "admin port open");
        for (const each of unknown)
          shell.log.warn({ ...each }, "a variable is named like a setting, but is not one");
        const running = workers === null ? run(shell, settings) : workers.start(shell);
        stopOnSignal(shell, running, { operation, stopMs, stopEarly: () => early.abort() });
        const started = await running;
        operation.watch(started.checks, started.operators);
        onWhoIsInAsked(() => logWhoIsIn(shell, started));
      } catch (error) {
        if (error instanceof StoppedEarly) {
          process.stderr.write("stopped\n");
          process.exit(0);
        }
        explain(error, unknown);
        process.exit(1);
      }
    });
}

serve("up", "run a login-server, a char-server and a map-server in this process", {
  read: readUp,
  async run(shell, settings) {
    const up = await runUp(shell, settings, (message) => process.stderr.write(`${message}\n`));
    process.stdout.write(`\n${up.banner}\n\n`);
    return up;
  },
})
  .option("--web", "serve the page for browsers, and open the ports for WebSocket, on their usual numbers")
  .option("--all-doors", "open the ports of all protocols, on their usual numbers, and say how to try each")
  .option("--game <file>", "run this game; like the variable GAME");
serve("login", "run a login-server", { read: readLogin, run: runLogin }).option(
  "--workers <count>",
  "number of processes that share the ports; more than one needs REDIS_URL",
  parseCount,
);
serve("char", "run a char-server", { read: readChar, run: runChar });
const map = serve("map", "run a map-server", { read: readMap, run: runMap });
serve("gateway", "run a gateway: public ports for all servers of a world", {
  read: readGateway,
  run: runGateway,
});
serve("front", "run a front: ports for clients of other protocols, such as people with a line of text", {
  read: readFront,
  run: runFront,
});
serve("resource", "run a resource-server: leaderboards, for holders of identity tokens", {
  read: readResource,
  run: runResource,
});
const complain = (error: unknown, exitCode = 1): void => {
  explain(error);
  process.exitCode = exitCode;
};
const write = (text: string): void => void process.stdout.write(text);
addMapCheck(map, { write, writeError: (text) => process.stderr.write(text), complain });
addOperatorCommands(program, {
  environment: process.env,
  dataFolder: readSettings({ folder: dataFolderSetting }, process.env).folder,
  terminal,
  nowMs: Date.now,
  write,
  complain,
});
addBoardsCommand(program, {
  environment: process.env,
  input: process.stdin,
  output: process.stdout,
  errors: process.stderr,
  nowMs: Date.now,
  complain,
});
addCompletion(program, write);

function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= workersMax) return count;
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${workersMax}.`);
}

/**
 * A supervisor can send a signal to a whole process group. This process then gets the signal twice: directly,
 * and from its parent process. Two signals within this time count as one. Otherwise the second signal would
 * end the process before it has saved its players.
 */
const sameRequestMs = 500;

interface Stopping {
  readonly operation: Operation;
  readonly stopMs: number;
  /** Ends the wait for Redis and Postgres during a start. */
  stopEarly(): void;
}

/**
 * Ctrl-C sends SIGINT, because a person ends the server. Supervisors send SIGTERM, and usually start the
 * server again.
 */
const meaning = { SIGINT: "for-good", SIGTERM: "to-return" } as const satisfies Record<string, StopReason>;

/**
 * At the first signal, the server drains and then stops: it saves all players and ends. A second signal
 * during the drain starts the stop at once. In two cases the process ends at once. 1: a signal arrives during
 * the stop. 2: the stop takes longer than `stopMs`.
 */
function stopOnSignal(
  { log, failed }: Shell,
  running: Promise<Running>,
  { operation, stopMs, stopEarly }: Stopping,
): void {
  let phase: "running" | "draining" | "stopping" = "running";
  let heardMs = Number.NEGATIVE_INFINITY;
  let started: Running | null = null;
  // The caller reports a failed start.
  running.then(
    (value) => {
      started = value;
    },
    () => {},
  );
  const stop = async (signal: keyof typeof meaning): Promise<void> => {
    if (phase === "stopping") return;
    phase = "stopping";
    process.stderr.write("stopping (a second signal ends the process at once)\n");
    setTimeout(() => {
      log.fatal({ unsaved: started?.unsaved?.() ?? [] }, "did not stop in time; the process ends now");
      process.exit(1);
    }, stopMs).unref();
    stopEarly();
    try {
      await (await running).stop(meaning[signal]);
      await written(log);
      process.stderr.write("stopped\n");
      process.exit(0);
    } catch (error) {
      // The code that started the server also handles this error, and ends the process.
      if (error instanceof StoppedEarly) return;
      log.fatal({ err: error }, "stopping failed");
      process.exit(1);
    }
  };
  const heard = (signal: keyof typeof meaning): void => {
    if (performance.now() - heardMs < sameRequestMs) return;
    heardMs = performance.now();
    if (phase === "stopping") {
      process.stderr.write(`${signal} again: ending at once\n`);
      process.exit(1);
    }
    operation.stopping();
    const draining = phase === "draining" ? null : (started?.drain?.(meaning[signal]) ?? null);
    if (draining === null) return void stop(signal);
    phase = "draining";
    process.stderr.write("draining (a second signal stops without waiting for the drain)\n");
    draining.then(() => stop(signal), failed);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, heard);
}

function logWhoIsIn({ log, failed }: Shell, running: Running): void {
  if (running.logWhoIsIn === undefined) log.warn({}, "only a login-server knows who is in");
  else running.logWhoIsIn().catch(failed);
}

/**
 * SIGHUP returns to the log level of the settings. Certificate files are read again all the time. Nobody can
 * change the environment of a running process, so all other settings stay as they are.
 */
function rereadOnSignal(log: Log, level: string): void {
  onHangUp(() => {
    log.level = level;
    log.warn(
      { logLevel: level },
      "asked to reread: the log level is that of the settings, and certificate files are read every 2 s anyway; limits and all other settings need a restart",
    );
  });
}

/**
 * Prints a bug with its stack. Prints any other error as one sentence, because an operator can correct its
 * cause.
 */
function explain(error: unknown, unknown: readonly UnknownSetting[] = []): void {
  const isBug = [TypeError, RangeError, ReferenceError, SyntaxError].some((bug) => error instanceof bug);
  if (error instanceof SettingsInvalid) {
    const lines = [...error.problems, ...unknown.map(describeUnknown)].map((line) => `  ${line}\n`);
    process.stderr.write(`Invalid settings:\n${lines.join("")}`);
  } else {
    const text = error instanceof Error ? (isBug ? error.stack : error.message) : String(error);
    process.stderr.write(`sallyport: ${text}\n`);
  }
}

await program.parseAsync();
