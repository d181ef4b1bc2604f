import { createLog, describeSettings, type Environment, type Log } from "@sallyport/server-kit";
import { type Command, InvalidArgumentError, Option } from "commander";
import { onHangUp, onWhoIsInAsked } from "../process/asked-by-signal.ts";
import { explain } from "../process/explain.ts";
import { changeLevelOnSignal, openOperation } from "../process/operation.ts";
import { createShell, type Running, type Shell } from "../process/shell.ts";
import { type End, stopOnSignal } from "../process/stop-on-signal.ts";
import { operationOfWorker, workerNumber, workersMax } from "../process/worker.ts";
import type { Workers } from "../process/workers.ts";
import { StoppedEarly } from "../stores/wait-for-stores.ts";
import { readCommand } from "./read-command.ts";
import type { ServerCommand } from "./server-command.ts";
import { unknownIn } from "./unknown-in.ts";

interface Options {
  readonly workers?: number;
  readonly [preset: string]: string | number | true;
}

/** Lets `command` run the servers of `served` until a signal ends them. */
export function serve(command: Command, served: ServerCommand, end: End): void {
  const presets = served.options.map(({ flags, description, chosen }) => ({
    option: new Option(flags, description),
    chosen,
  }));
  for (const { option } of presets) command.addOption(option);
  if (served.hasWorkers)
    command.option(
      "--workers <count>",
      "number of processes that share the ports; more than one needs REDIS_URL",
      parseCount,
    );
  command
    .addHelpText(
      "after",
      `\nEnvironment variables [default; allowed values]:\n${describeSettings(served.settings)}`,
    )
    .action(async ({ workers: count = 1, ...given }: Options) => {
      let environment: Environment = process.env;
      for (const { option, chosen } of presets) {
        const value = given[option.attributeName()];
        if (value !== undefined) environment = chosen(environment, value === true ? "" : String(value));
      }
      const worker = workerNumber();
      const unknown = worker === null ? unknownIn(environment) : [];
      try {
        const as = { isWorker: worker !== null, workers: count };
        const { operation: ofProcess, run } = await readCommand(served, environment, as);
        const { logLevel, stopMs, ...admin } = ofProcess;
        const workers = worker === null && count > 1 ? await openWorkers(count) : null;
        const log = createLog(command.name(), logLevel).child(worker === null ? {} : { worker });
        const operation =
          worker === null ? await openOperation(admin, log, workers?.metrics) : operationOfWorker(admin);
        const early = new AbortController();
        const shell = {
          ...createShell(log, operation.metrics, () => end(1)),
          stopping: early.signal,
        };
        changeLevelOnSignal(shell.log);
        rereadOnSignal(shell.log, logLevel);
        if (operation.adminPort) shell.log.info({ admin: operation.adminPort.address }, "admin port open");
        for (const each of unknown)
          shell.log.warn({ ...each }, "a variable is named like a setting, but is not one");
        const running = workers === null ? run(shell) : workers.start(shell);
        stopOnSignal(shell, running, { operation, stopMs, end, stopEarly: () => early.abort() });
        const started = await running;
        operation.watch(started.checks, started.operators);
        onWhoIsInAsked(() => logWhoIsIn(shell, started));
      } catch (error) {
        if (error instanceof StoppedEarly) {
          process.stderr.write("stopped\n");
          end(0);
        }
        explain(error, unknown);
        end(1);
      }
    });
}

async function openWorkers(count: number): Promise<Workers> {
  const { Workers } = await import("../process/workers.ts");
  return new Workers(count);
}

function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= workersMax) return count;
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${workersMax}.`);
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
