import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Metrics, readMetrics } from "./metrics-text.ts";
import { holdLeash } from "./store-process.ts";
import { until } from "./until.ts";

export interface SallyportProcessOptions {
  /** Name for error messages. */
  readonly name: string;
  /** The command of `sallyport` and its options. */
  readonly args: readonly string[];
  /** The whole environment of the process, except PATH and the variables that other options set. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * The data folder of the server, which remains when the server is restarted. If the test process ends
   * before the server, the folder is removed.
   */
  readonly folder: string;
  /** The process reads this from stdin. Absent: stdin is empty. */
  readonly input?: string;
  /** Without an admin port, readiness and metrics cannot be read. */
  readonly adminPort?: number;
  /** The output of the process is appended to this file. */
  readonly logFile?: string;
  /**
   * Called with each line of output if there is no `logFile`. In this case `output` keeps only the last
   * lines.
   */
  readonly heard?: (line: string) => void;
  /**
   * After SIGTERM, the process has this many milliseconds to end, like with `stop_grace_period` of Compose.
   * The default is 40,000.
   */
  readonly graceMs?: number;
  /** Called each time the process has ended. */
  readonly ended?: (end: ProcessEnd) => void;
  /** Path of the Node that runs the process. The default is the one that runs this code. */
  readonly node?: string;
  /** Arguments of Node before `args`. The default is `builtCommand`. */
  readonly program?: readonly string[];
  readonly cwd?: string;
  /** Whether the process also has an IPC channel of Node. */
  readonly hasChannel?: boolean;
}

/** `code` is null if a signal ended the process. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What ended the process: the process itself, or an earlier call of `kill` or `stop`. */
  readonly by: "itself" | "kill" | "stop";
}

/** Path of the built `sallyport` command, even if this code runs from sources. */
export const builtCommand = fileURLToPath(new URL("../../../cli/dist/sallyport.js", import.meta.url));

const answerMs = 10_000;
const startMs = 60_000;
const sayMs = 90_000;
const usualGraceMs = 40_000;
const tailLines = 25;
const tailColumns = 400;
const signalled = 128;

/**
 * A `sallyport` process. After it has ended, `start` starts another one with the same name. If this test
 * process ends for any reason, the `sallyport` process is ended too.
 */
export class SallyportProcess {
  readonly name: string;
  readonly #options: SallyportProcessOptions;
  #child: ChildProcess | null = null;
  #exitCode: number | null = null;
  #ended: Promise<number> = Promise.resolve(0);
  #lines: string[] = [];
  #errors: string[] = [];
  #endsBy: ProcessEnd["by"] = "itself";

  constructor(options: SallyportProcessOptions) {
    this.#options = options;
    this.name = options.name;
  }

  /** True until the process has ended and all its output was read. */
  get isRunning(): boolean {
    return this.#child !== null;
  }

  /** The exit code, or 128 if a signal ended the process. Null while the process runs. */
  get exitCode(): number | null {
    return this.#exitCode;
  }

  /** Null while the process is not running. */
  get child(): ChildProcess | null {
    return this.#child;
  }

  /** The output of the process since it was spawned, or its whole `logFile`. */
  get output(): string {
    const { logFile } = this.#options;
    return logFile === undefined ? this.#lines.join("") : readFileSync(logFile, "utf8");
  }

  /** What the process wrote to stderr since it was spawned. Empty with a `logFile` or `heard`. */
  get errors(): string {
    return this.#errors.join("");
  }

  get tail(): string {
    const lines = this.output.trimEnd().split("\n").slice(-tailLines);
    return lines.map((line) => line.slice(0, tailColumns)).join("\n");
  }

  /** False after `kill` or `stop`, until the next `spawn`. */
  get isWanted(): boolean {
    return this.#endsBy === "itself";
  }

  get adminUrl(): string {
    const { adminPort } = this.#options;
    if (adminPort === undefined) throw new Error(`${this.name} was given no admin port`);
    return `http://127.0.0.1:${adminPort}`;
  }

  /**
   * Resolves when the process is ready. If the process ends before it is ready, rejects with the last lines
   * of its output.
   */
  async start(): Promise<void> {
    this.spawn();
    await this.untilReady();
  }

  /** Does nothing if the process already runs. */
  spawn(): void {
    if (this.#child !== null) return;
    this.#exitCode = null;
    this.#endsBy = "itself";
    this.#lines = [];
    this.#errors = [];
    const child = this.#spawn();
    this.#child = child;
    const leash = holdLeash(child.pid ?? 0, this.#options.folder);
    this.#ended = new Promise((resolve) => {
      child.once("close", (code, signal) => {
        leash.kill("SIGKILL");
        this.#child = null;
        this.#exitCode = code ?? signalled;
        this.#options.ended?.({ code, signal, by: this.#endsBy });
        resolve(this.#exitCode);
      });
    });
  }

  /** If the process ends before it is ready, rejects with the last lines of its output. */
  async untilReady(): Promise<void> {
    const isReady = async (): Promise<boolean> => !this.isRunning || (await this.#get("/readyz")).ok;
    await until(isReady, { what: `${this.name} is ready`, timeoutMs: startMs });
    if (!this.isRunning) throw new Error(`${this.name} ended early:\n${this.tail}`);
  }

  /** If the process ends before it writes such a text, rejects with the output of the process. */
  async untilSays(pattern: RegExp): Promise<RegExpExecArray> {
    const said = await until(() => pattern.exec(this.output) ?? (this.isRunning ? null : "ended"), {
      what: `${this.name} to say ${pattern}`,
      timeoutMs: sayMs,
    });
    if (said === "ended") throw new Error(`${this.name} ended early:\n${this.output}`);
    return said;
  }

  async metrics(): Promise<Metrics> {
    return readMetrics(await (await this.#get("/metrics")).text());
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Resolves to the `exitCode` of the process, or to 0 if no process was started. */
  untilEnded(): Promise<number> {
    return this.#ended;
  }

  async kill(): Promise<void> {
    this.#endsBy = "kill";
    this.signal("SIGKILL");
    await this.untilEnded();
  }

  /** Stops the process like `docker compose stop`: with SIGTERM, and after `graceMs` with SIGKILL. */
  async stop(graceMs = this.#options.graceMs ?? usualGraceMs): Promise<number> {
    this.#endsBy = "stop";
    this.signal("SIGTERM");
    const late = setTimeout(() => this.signal("SIGKILL"), graceMs);
    const code = await this.untilEnded();
    clearTimeout(late);
    return code;
  }

  #spawn(): ChildProcess {
    const { args, environment, folder, adminPort, logFile, heard, cwd, hasChannel, input } = this.#options;
    const { node = process.execPath, program = [builtCommand] } = this.#options;
    mkdirSync(folder, { recursive: true });
    const log = logFile === undefined ? "pipe" : openSync(logFile, "a");
    const child = spawn(node, [...program, ...args], {
      env: {
        PATH: process.env["PATH"] ?? "",
        SALLYPORT_DATA: folder,
        ...(adminPort === undefined ? {} : { ADMIN_PORT: String(adminPort) }),
        ...environment,
      },
      cwd,
      stdio: [
        input === undefined ? "ignore" : "pipe",
        log,
        log,
        ...(hasChannel === true ? (["ipc"] as const) : []),
      ],
    });
    child.stdin?.end(input);
    if (log !== "pipe") closeSync(log);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface(stream).on("line", (line) => {
        this.#lines.push(`${line}\n`);
        if (heard === undefined) {
          if (stream === child.stderr) this.#errors.push(`${line}\n`);
          return;
        }
        this.#lines = this.#lines.slice(-tailLines);
        heard(line);
      });
    }
    return child;
  }

  #get(path: string): Promise<Response> {
    return fetch(`${this.adminUrl}${path}`, { signal: AbortSignal.timeout(answerMs) });
  }
}
