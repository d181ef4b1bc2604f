import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Metrics, readMetrics } from "./metrics-text.ts";
import { holdLeash } from "./server-process.ts";
import { until } from "./until.ts";

export interface SallyportProcessOptions {
  /** In error messages. */
  readonly name: string;
  /** Of `sallyport`: its command, and options. */
  readonly args: readonly string[];
  /** All that it is told, besides PATH and what follows from the other options. */
  readonly environment: Readonly<Record<string, string>>;
  /** Its data folder, over restarts too. It is removed with the process when the one that started it is gone first. */
  readonly folder: string;
  /** Without it nobody can ask whether it is ready, nor for its metrics. */
  readonly adminPort?: number;
  /** To which all that it prints is added; without it that is heard line by line. */
  readonly logFile?: string;
  /** What Node is given before `args`, if not `builtCommand` alone. */
  readonly program?: readonly string[];
  readonly cwd?: string;
  /** Whether it is connected to by messages of Node as well. */
  readonly hasChannel?: boolean;
}

/** `code`: null where a signal ended it. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The `sallyport` command as it was built, also where this runs from its sources. */
export const builtCommand = fileURLToPath(new URL("../../cli/dist/main.js", import.meta.url));

const answerMs = 10_000;
const startMs = 60_000;
const tailLines = 25;
const tailColumns = 400;
const signalled = 128;

/** One `sallyport` process, and under the same name its next one once it ended. None outlives the process that started it. */
export class SallyportProcess {
  readonly name: string;
  readonly #options: SallyportProcessOptions;
  #child: ChildProcess | null = null;
  #exitCode: number | null = null;
  #ended: Promise<number> = Promise.resolve(0);
  #lines: string[] = [];

  constructor(options: SallyportProcessOptions) {
    this.#options = options;
    this.name = options.name;
  }

  /** Until it ended and all that it printed was heard. */
  get isRunning(): boolean {
    return this.#child !== null;
  }

  /** What it ended with, 128 where a signal ended it; null before it did. */
  get exitCode(): number | null {
    return this.#exitCode;
  }

  /** The last lines that it printed. */
  get tail(): string {
    const { logFile } = this.#options;
    return (logFile === undefined ? this.#lines : tailOf(readFileSync(logFile, "utf8").split("\n"))).join(
      "\n",
    );
  }

  get adminUrl(): string {
    const { adminPort } = this.#options;
    if (adminPort === undefined) throw new Error(`${this.name} was given no admin port`);
    return `http://127.0.0.1:${adminPort}`;
  }

  /** Resolves once it is ready; rejects with its last lines when it ends before. */
  async start(): Promise<void> {
    this.spawn();
    await this.untilReady();
  }

  /** Does nothing while it runs. */
  spawn(): void {
    if (this.#child !== null) return;
    this.#exitCode = null;
    this.#lines = [];
    const child = this.#spawn();
    this.#child = child;
    const leash = holdLeash(child.pid ?? 0, this.#options.folder);
    this.#ended = new Promise((resolve) => {
      child.once("close", (code, signal) => {
        leash.kill("SIGKILL");
        this.#child = null;
        this.#exitCode = code ?? signalled;
        this.ended({ code, signal });
        resolve(this.#exitCode);
      });
    });
  }

  /** Rejects with its last lines when it ends before. */
  async untilReady(): Promise<void> {
    const isReady = async (): Promise<boolean> => !this.isRunning || (await this.#get("/readyz")).ok;
    await until(isReady, { what: `${this.name} is ready`, timeoutMs: startMs });
    if (!this.isRunning) throw new Error(`${this.name} ended early:\n${this.tail}`);
  }

  async metrics(): Promise<Metrics> {
    return readMetrics(await (await this.#get("/metrics")).text());
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** With its `exitCode`; 0 where none was started. */
  untilEnded(): Promise<number> {
    return this.#ended;
  }

  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.untilEnded();
  }

  /** As `docker compose stop` does: SIGTERM, and SIGKILL when that took too long. */
  async stop(graceMs: number): Promise<number> {
    this.signal("SIGTERM");
    const late = setTimeout(() => this.signal("SIGKILL"), graceMs);
    const code = await this.untilEnded();
    clearTimeout(late);
    return code;
  }

  /** The process of Node's while it runs. */
  protected get child(): ChildProcess | null {
    return this.#child;
  }

  /** A line that it printed. */
  protected heard(_line: string): void {}

  protected ended(_end: ProcessEnd): void {}

  #spawn(): ChildProcess {
    const { args, environment, folder, adminPort, logFile, cwd, hasChannel } = this.#options;
    const { program = [builtCommand] } = this.#options;
    mkdirSync(folder, { recursive: true });
    const log = logFile === undefined ? "pipe" : openSync(logFile, "a");
    const child = spawn(process.execPath, [...program, ...args], {
      env: {
        PATH: process.env["PATH"] ?? "",
        SALLYPORT_DATA: folder,
        ...(adminPort === undefined ? {} : { ADMIN_PORT: String(adminPort) }),
        ...environment,
      },
      cwd,
      stdio: ["ignore", log, log, ...(hasChannel === true ? (["ipc"] as const) : [])],
    });
    if (log !== "pipe") closeSync(log);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface(stream).on("line", (line) => {
        this.#lines = tailOf([...this.#lines, line]);
        this.heard(line);
      });
    }
    return child;
  }

  #get(path: string): Promise<Response> {
    return fetch(`${this.adminUrl}${path}`, { signal: AbortSignal.timeout(answerMs) });
  }
}

const tailOf = (lines: readonly string[]): string[] =>
  lines.slice(-tailLines).map((line) => line.slice(0, tailColumns));
