import {
  checkPorts,
  type Environment,
  fileVariableOf,
  readSettings,
  readTogether,
  type Setting,
  type UnknownSetting,
  unknownSettings,
} from "@sallyport/server-kit";
import { operationSettings } from "../process/operation.ts";
import { workerVariable } from "../process/worker.ts";
import { checkWorkers } from "../process/workers.ts";
import { commandSettings } from "./command-settings.ts";

export type CommandName = keyof typeof commandSettings;

export interface ReadAs {
  /** A worker does not check the ports, because the process that started it has checked them. */
  readonly isWorker: boolean;
  readonly workers: number;
}

/**
 * Reads and checks the whole environment of a command before anything is opened or created. `read` reads the
 * settings of this command. Rejects with a `SettingsInvalid` that contains all problems.
 */
export const readCommand = <S>(
  name: CommandName,
  environment: Environment,
  read: (environment: Environment) => Promise<S>,
  { isWorker, workers }: ReadAs = { isWorker: false, workers: 1 },
) =>
  readTogether({
    operation: () => readSettings(operationSettings(name === "up" ? "warn" : "info"), environment),
    settings: () => read(environment),
    workers: () => checkWorkers(workers, environment),
    ports: async () => {
      if (!isWorker) await checkPorts(commandSettings[name], environment);
    },
  });

/** Finds variables that no command reads but whose names are similar to names of settings. */
export function unknownIn(environment: Environment): readonly UnknownSetting[] {
  const known = Object.values(commandSettings)
    .flat()
    .flatMap(Object.values<Setting<unknown>>)
    .flatMap(({ variable, isSecret }) =>
      isSecret === true ? [variable, fileVariableOf(variable)] : [variable],
    );
  return unknownSettings(environment, [...known, workerVariable]);
}
