import {
  checkPorts,
  type Environment,
  readSettings,
  readTogether,
  type Setting,
  type UnknownSetting,
  unknownSettings,
} from "@sallyport/server-kit";
import { commandSettings } from "./command-settings.ts";
import { operationSettings } from "./operation.ts";
import { workerVariable } from "./worker.ts";
import { checkWorkers } from "./workers.ts";

export type CommandName = keyof typeof commandSettings;

export interface ReadAs {
  /** One of several processes, whose settings and ports were checked by the one that started it. */
  readonly isWorker: boolean;
  readonly workers: number;
}

/**
 * All that a command takes from its environment, checked before anything is opened or made. `read`: what is its own.
 * Rejects with `SettingsInvalid`, which holds all that is wrong.
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

/** Variables that are mistyped, as far as can be told: they are read by no command. */
export function unknownIn(environment: Environment): readonly UnknownSetting[] {
  const known = Object.values(commandSettings)
    .flat()
    .flatMap(Object.values<Setting<unknown>>)
    .map(({ variable }) => variable);
  return unknownSettings(environment, [...known, workerVariable]);
}
