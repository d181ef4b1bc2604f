import type { Environment, Settings } from "@sallyport/server-kit";
import type { Running, Shell } from "../process/shell.ts";

/** A command that runs servers. */
export interface ServerCommand<S> {
  /** All settings that the command reads. */
  readonly settings: readonly Settings[];
  /** The options that choose settings. They apply in this order. */
  readonly options: readonly PresetOption[];
  /** Whether several processes may share the ports. */
  readonly hasWorkers?: true;
  /** Rejects with `SettingsInvalid`. */
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

export const serverCommand = <S>(command: ServerCommand<S>): ServerCommand<S> => command;
