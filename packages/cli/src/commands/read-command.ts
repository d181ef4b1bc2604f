import { checkPorts, type Environment, readSettings, readTogether } from "@sallyport/server-kit";
import type { ServerCommand } from "./server-command.ts";

export interface ReadAs {
  /** A worker does not check the ports, because the process that started it has checked them. */
  readonly isWorker: boolean;
  readonly workers: number;
}

/**
 * Reads and checks the whole environment of a command before anything is opened or created. Rejects with a
 * `SettingsInvalid` that contains all problems.
 */
export const readCommand = (
  { settings, operation, read }: ServerCommand,
  environment: Environment,
  { isWorker, workers }: ReadAs = { isWorker: false, workers: 1 },
) =>
  readTogether({
    operation: () => readSettings(operation, environment),
    run: () => read(environment),
    async workers() {
      if (workers === 1) return;
      const { checkWorkers } = await import("../process/workers.ts");
      checkWorkers(workers, environment);
    },
    ports: async () => {
      if (!isWorker) await checkPorts(settings, environment);
    },
  });
