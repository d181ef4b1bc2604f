import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "@sallyport/testkit";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** Processes run what was built; a test of one package alone may come before any build. */
export function build(): void {
  execFileSync(`${root}/node_modules/.bin/tsc`, ["-b", "packages/cli"], { cwd: root, stdio: "inherit" });
}

/** Not the data folder of whoever runs the tests. */
const data = mkdtempSync(join(tmpdir(), "sallyport-data-"));
process.on("exit", () => rmSync(data, { recursive: true, force: true }));

const quiet = { PATH: process.env["PATH"] ?? "", LOG_LEVEL: "info", SALLYPORT_DATA: data };

/** One `sallyport` process of the test's own. */
export class ServerProcess {
  output = "";
  exitCode: number | null = null;
  readonly #child: ChildProcess;

  constructor(
    args: readonly string[],
    environment: Record<string, string>,
    { program = [main], cwd }: { program?: readonly string[]; cwd?: string } = {},
  ) {
    this.#child = spawn(process.execPath, [...program, ...args], {
      env: { ...quiet, ...environment },
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const read = (chunk: Buffer): void => {
      this.output += chunk.toString();
    };
    this.#child.stdout?.on("data", read);
    this.#child.stderr?.on("data", read);
    this.#child.on("close", (code, signal) => {
      this.exitCode = code ?? (signal === null ? -1 : 128);
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async untilSays(pattern: RegExp): Promise<RegExpExecArray> {
    let found: RegExpExecArray | null = null;
    await until(
      () => {
        found = pattern.exec(this.output);
        if (found === null && this.exitCode !== null) throw new Error(`ended early:\n${this.output}`);
        return found !== null;
      },
      { what: `the process to say ${pattern}`, timeoutMs: 30_000 },
    );
    return found as unknown as RegExpExecArray;
  }

  async untilEnded(): Promise<number> {
    await until(() => this.exitCode !== null, { what: "the process to end", timeoutMs: 40_000 });
    return this.exitCode ?? -1;
  }

  /** For what a failing test leaves behind. */
  async kill(): Promise<void> {
    if (this.exitCode === null) this.signal("SIGKILL");
    await this.untilEnded();
  }
}
