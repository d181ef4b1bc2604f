import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { until } from "@sallyport/testkit";
import { LogBook } from "./log-book.ts";
import { type Metrics, readMetrics } from "./metrics-text.ts";

export interface ServerProcessOptions {
  readonly command: "login" | "char" | "map" | "up";
  readonly environment: Readonly<Record<string, string>>;
  readonly adminPort: number;
  /** In no line of its log may one of these be. */
  readonly secrets: readonly string[];
}

const main = new URL("./main.js", import.meta.resolve("@sallyport/cli"));
const collector = new URL("./collector.js", import.meta.url);
const answerMs = 10_000;
const startMs = 60_000;

/** One `sallyport` process, as anybody would start it but for the collector. */
export class ServerProcess {
  readonly name: string;
  readonly log: LogBook;
  readonly #adminPort: number;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  constructor({ command, environment, adminPort, secrets }: ServerProcessOptions) {
    this.name = command;
    this.#adminPort = adminPort;
    this.log = new LogBook(secrets);
    this.#child = spawn(
      process.execPath,
      ["--expose-gc", `--import=${collector.href}`, main.pathname, command],
      {
        env: { PATH: process.env["PATH"] ?? "", ADMIN_PORT: String(adminPort), ...environment },
        stdio: ["ignore", "pipe", "pipe", "ipc"],
      },
    );
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream !== null) createInterface(stream).on("line", (line) => this.log.add(line));
    }
    this.#ended = new Promise((resolve) => {
      this.#child.once("exit", () => resolve());
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async untilReady(): Promise<void> {
    const isReady = async (): Promise<boolean> => !this.isRunning || (await this.#get("/readyz")).ok;
    await until(isReady, { what: `sallyport ${this.name} is ready`, timeoutMs: startMs });
    if (!this.isRunning) throw new Error(`sallyport ${this.name} ended early:\n${this.log.tail}`);
  }

  async metrics(): Promise<Metrics> {
    return readMetrics(await (await this.#get("/metrics")).text());
  }

  /** Resolves when its garbage was collected, or it is gone. */
  async collectGarbage(): Promise<void> {
    if (!this.isRunning) return;
    const collected = new Promise<void>((resolve) => {
      this.#child.once("message", () => resolve());
    });
    this.#child.send("collect");
    await Promise.race([collected, this.#ended]);
  }

  async stop(): Promise<void> {
    if (this.isRunning) this.#child.kill("SIGTERM");
    const late = setTimeout(() => this.#child.kill("SIGKILL"), 20_000);
    await this.#ended;
    clearTimeout(late);
  }

  #get(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.#adminPort}${path}`, { signal: AbortSignal.timeout(answerMs) });
  }
}
