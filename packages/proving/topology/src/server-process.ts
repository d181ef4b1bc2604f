import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SallyportProcess } from "@sallyport/testkit";

export interface ServerProcessOptions {
  readonly name: string;
  /** The command of `sallyport` and its options. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly adminPort: number;
  /** Folder for its log, and for a folder of its own that outlives the process. */
  readonly folder: string;
}

/** A `sallyport` process that can be started again after it ended. Its log goes to a file. */
export class ServerProcess extends SallyportProcess {
  readonly #logFile: string;

  constructor({ name, command, environment, adminPort, folder }: ServerProcessOptions) {
    const logFile = join(folder, `${name}.log`);
    super({ name, args: command, environment, adminPort, folder: join(folder, name), logFile });
    this.#logFile = logFile;
  }

  /** The log of this process and of earlier ones. */
  get log(): string {
    return readFileSync(this.#logFile, "utf8");
  }
}
