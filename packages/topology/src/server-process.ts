import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SallyportProcess } from "@sallyport/testkit";

export interface ServerProcessOptions {
  readonly name: string;
  /** Of `sallyport`, with its options. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly adminPort: number;
  /** Where its log goes, and a folder of its own for what outlives it. */
  readonly folder: string;
}

/** One `sallyport` process, and its next one when it was ended; what it logs goes to a file. */
export class ServerProcess extends SallyportProcess {
  readonly #logFile: string;

  constructor({ name, command, environment, adminPort, folder }: ServerProcessOptions) {
    const logFile = join(folder, `${name}.log`);
    super({ name, args: command, environment, adminPort, folder: join(folder, name), logFile });
    this.#logFile = logFile;
  }

  /** All that it logged, by this and earlier processes. */
  get log(): string {
    return readFileSync(this.#logFile, "utf8");
  }
}
