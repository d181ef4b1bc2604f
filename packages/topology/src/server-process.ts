import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { holdLeash, until } from "@sallyport/testkit";

export interface ServerProcessOptions {
  readonly name: string;
  /** Of `sallyport`, with its options. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly adminPort: number;
  /** Where its log goes, and a folder of its own for what outlives it. */
  readonly folder: string;
}

/** As it was built, also where this runs from its sources. */
const main = new URL("../../cli/dist/main.js", import.meta.url);
const answerMs = 2_000;
const startMs = 60_000;
const tailChars = 4_000;

/** One `sallyport` process, and its next one when it was ended; what it logs goes to a file. */
export class ServerProcess {
  readonly name: string;
  readonly logFile: string;
  readonly #options: ServerProcessOptions;
  #child: ChildProcess | null = null;
  #ended: Promise<number> = Promise.resolve(0);

  constructor(options: ServerProcessOptions) {
    this.#options = options;
    this.name = options.name;
    this.logFile = join(options.folder, `${options.name}.log`);
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  /** All that it logged, by this and earlier processes. */
  get log(): string {
    return readFileSync(this.logFile, "utf8");
  }

  get adminUrl(): string {
    return `http://127.0.0.1:${this.#options.adminPort}`;
  }

  /** Resolves once it is ready; rejects with the end of its log when it ends before. */
  async start(): Promise<void> {
    if (this.#child === null) this.#spawn();
    const isReady = async (): Promise<boolean> => !this.isRunning || (await this.#isReady());
    await until(isReady, { what: `${this.name} is ready`, timeoutMs: startMs });
    if (!this.isRunning) throw new Error(`${this.name} ended early:\n${this.log.slice(-tailChars)}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** With the code that it ended with; 128 where a signal ended it. */
  untilEnded(): Promise<number> {
    return this.#ended;
  }

  /** As `docker compose stop` does: SIGTERM, and SIGKILL when that took too long. */
  async stop(graceMs: number): Promise<number> {
    this.signal("SIGTERM");
    const late = setTimeout(() => this.signal("SIGKILL"), graceMs);
    const code = await this.#ended;
    clearTimeout(late);
    return code;
  }

  #spawn(): void {
    const { command, environment, adminPort, folder } = this.#options;
    const data = join(folder, this.name);
    mkdirSync(data, { recursive: true });
    const log = openSync(this.logFile, "a");
    const child = spawn(process.execPath, [main.pathname, ...command], {
      env: {
        PATH: process.env["PATH"] ?? "",
        ADMIN_PORT: String(adminPort),
        SALLYPORT_DATA: data,
        ...environment,
      },
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    this.#child = child;
    // Ends it when this process is gone, however that went.
    const leash = holdLeash(child.pid ?? 0, data);
    this.#ended = new Promise((resolve) => {
      child.once("close", (code) => {
        leash.kill("SIGKILL");
        this.#child = null;
        resolve(code ?? 128);
      });
    });
  }

  async #isReady(): Promise<boolean> {
    return (await fetch(`${this.adminUrl}/readyz`, { signal: AbortSignal.timeout(answerMs) })).ok;
  }
}
