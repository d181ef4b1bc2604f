import type { Environment, Settings } from "@sallyport/server-kit";
import type { operationSettings } from "../process/operation.ts";
import type { Running, Shell } from "../process/shell.ts";

/** A command that runs servers. */
export interface ServerCommand {
  /** All settings that the command reads, with those of `operation`. */
  readonly settings: readonly Settings[];
  /** The settings of the process. */
  readonly operation: ReturnType<typeof operationSettings>;
  /** The options that choose settings. They apply in this order. */
  readonly options: readonly PresetOption[];
  /** Whether several processes may share the ports. */
  readonly hasWorkers?: true;
  /** Resolves to a function that runs the servers by these settings. Rejects with `SettingsInvalid`. */
  readonly read: (environment: Environment) => Promise<(shell: Shell) => Promise<Running>>;
}

/** As a command names its parts. `settings` has those of its servers alone. */
interface Parts<S> extends Omit<ServerCommand, "read"> {
  readonly read: (environment: Environment) => Promise<S>;
  readonly run: (shell: Shell, settings: S) => Promise<Running>;
}

/** An option of a command that chooses settings. */
export interface PresetOption {
  /** Like `--game <file>`. */
  readonly flags: string;
  readonly description: string;
  /** `given` is the argument of the option. It is empty if the option has none. */
  readonly chosen: (environment: Environment, given: string) => Environment;
}

export const serverCommand = <S>({ read, run, ...command }: Parts<S>): ServerCommand => ({
  ...command,
  settings: [...command.settings, command.operation],
  async read(environment) {
    const settings = await read(environment);
    return (shell) => run(shell, settings);
  },
});
