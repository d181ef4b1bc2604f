import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SallyportProcess, until } from "@sallyport/testkit";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Processes run what was built; a test of one package alone may come before any build. */
export function build(): void {
  execFileSync(`${root}/node_modules/.bin/tsc`, ["-b", "packages/cli", "packages/sdk"], {
    cwd: root,
    stdio: "inherit",
  });
}

/** Not the data folder of whoever runs the tests. */
const data = mkdtempSync(join(tmpdir(), "sallyport-data-"));
process.on("exit", () => rmSync(data, { recursive: true, force: true }));

interface Program {
  readonly program?: readonly string[];
  readonly cwd?: string;
}

/** One `sallyport` process of the test's own. */
export class ServerProcess extends SallyportProcess {
  output = "";

  constructor(args: readonly string[], environment: Record<string, string>, program: Program = {}) {
    super({
      name: `sallyport ${args.join(" ")}`,
      args,
      environment: { LOG_LEVEL: "info", ...environment },
      folder: data,
      ...program,
    });
    this.spawn();
  }

  async untilSays(pattern: RegExp): Promise<RegExpExecArray> {
    let found: RegExpExecArray | null = null;
    await until(
      () => {
        found = pattern.exec(this.output);
        if (found === null && this.exitCode !== null) throw new Error(`ended early:\n${this.output}`);
        return found !== null;
      },
      { what: `the process to say ${pattern}`, timeoutMs: 90_000 },
    );
    return found as unknown as RegExpExecArray;
  }

  override async untilEnded(): Promise<number> {
    await until(() => this.exitCode !== null, { what: `${this.name} to end`, timeoutMs: 90_000 });
    return this.exitCode ?? -1;
  }

  protected override heard(line: string): void {
    this.output += `${line}\n`;
  }
}
