import { builtCommand, SallyportProcess } from "@sallyport/testkit";
import { LogBook } from "./log-book.ts";

export interface ServerProcessOptions {
  readonly command: "login" | "char" | "map" | "gateway" | "up";
  readonly environment: Readonly<Record<string, string>>;
  readonly adminPort: number;
  readonly folder: string;
  /** None of these may be in any line of its log. */
  readonly secrets: readonly string[];
}

const collector = new URL("./collector.js", import.meta.url);

/** A `sallyport` process as operators start it, plus the collector. */
export class ServerProcess extends SallyportProcess {
  readonly log: LogBook;

  constructor({ command, secrets, ...others }: ServerProcessOptions) {
    super({
      ...others,
      name: command,
      args: [command],
      program: ["--expose-gc", `--import=${collector.href}`, builtCommand],
      hasChannel: true,
    });
    this.log = new LogBook(secrets);
  }

  protected override heard(line: string): void {
    this.log.add(line);
  }

  /** Resolves when the garbage is collected, or the process is gone. */
  async collectGarbage(): Promise<void> {
    const { child } = this;
    if (child === null) return;
    const collected = new Promise<void>((resolve) => {
      child.once("message", () => resolve());
    });
    child.send("collect");
    await Promise.race([collected, this.untilEnded()]);
  }
}
