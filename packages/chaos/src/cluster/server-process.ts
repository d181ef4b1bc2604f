import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { holdLeash, until } from "@sallyport/testkit";
import type { LogLine } from "../history/fact.ts";

export type Command = "login" | "char" | "map";

export interface ServerProcessOptions {
  readonly name: string;
  readonly command: Command;
  readonly environment: Readonly<Record<string, string>>;
  readonly adminPort: number;
  /** Its own, for what has to outlive a process. */
  readonly folder: string;
  /** In no line of its log may one of these be. */
  readonly secrets: readonly string[];
  readonly saw: (line: LogLine) => void;
}

const main = new URL("./main.js", import.meta.resolve("@sallyport/cli"));
const answerMs = 2_000;
const startMs = 60_000;
const stopMs = 40_000;
const tailLines = 25;
const tailColumns = 400;
const supervisorMs = 500;
const pageBytes = 4_096;

/** One `sallyport` process, and its next one after it was killed. */
export class ServerProcess {
  readonly name: string;
  /** In words, each time that it ended and nobody here had ended it. */
  readonly ends: string[] = [];
  /** Lines with a secret in them. */
  readonly leaks: string[] = [];
  residentBytesMax = 0;
  readonly #options: ServerProcessOptions;
  #child: ChildProcess | null = null;
  #isEnding = false;
  #gone: Promise<void> = Promise.resolve();
  #tail: string[] = [];

  constructor(options: ServerProcessOptions) {
    this.#options = options;
    this.name = options.name;
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  start(): void {
    if (this.#child !== null) return;
    const { environment, adminPort, command, folder } = this.#options;
    this.#isEnding = false;
    this.#tail = [];
    const child = spawn(process.execPath, [main.pathname, command], {
      env: {
        PATH: process.env["PATH"] ?? "",
        ADMIN_PORT: String(adminPort),
        SALLYPORT_DATA: folder,
        ...environment,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      createInterface(stream).on("line", (line) => this.#line(line));
    // Ends it when this process is gone, however that went: nobody would be there to wake it.
    const leash = holdLeash(child.pid ?? 0, folder);
    this.#gone = new Promise((resolve) => {
      child.once("close", (code, signal) => {
        leash.kill("SIGKILL");
        this.#child = null;
        if (this.#isRefusedByStore) setTimeout(() => !this.#isEnding && this.start(), supervisorMs);
        else if (!this.#isEnding || (signal === null && code !== 0))
          this.#tellEnd(`ended with ${signal ?? code}`);
        resolve();
      });
    });
  }

  async untilReady(): Promise<void> {
    const isReady = async (): Promise<boolean> => !this.isRunning || (await this.#isReady());
    await until(isReady, { what: `${this.name} is ready`, timeoutMs: startMs });
    if (!this.isRunning) throw new Error(`${this.name} ended early:\n${this.#tail.join("\n")}`);
  }

  async kill(): Promise<void> {
    this.#isEnding = true;
    this.#child?.kill("SIGKILL");
    await this.#gone;
  }

  pause(): void {
    this.#child?.kill("SIGSTOP");
  }

  resume(): void {
    this.#child?.kill("SIGCONT");
  }

  /** In good order, as far as it goes. */
  async stop(): Promise<void> {
    this.#isEnding = true;
    this.#child?.kill("SIGTERM");
    const late = setTimeout(() => {
      this.#tellEnd(`had not stopped after ${stopMs} ms`);
      this.#child?.kill("SIGKILL");
    }, stopMs);
    await this.#gone;
    clearTimeout(late);
  }

  /** Of Linux, which alone says so in a file. */
  lookAtMemory(): void {
    if (this.#child === null) return;
    try {
      const [, pages] = readFileSync(`/proc/${this.#child.pid}/statm`, "utf8").split(" ");
      this.residentBytesMax = Math.max(this.residentBytesMax, Number(pages) * pageBytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }

  async #isReady(): Promise<boolean> {
    const url = `http://127.0.0.1:${this.#options.adminPort}/readyz`;
    return (await fetch(url, { signal: AbortSignal.timeout(answerMs) })).ok;
  }

  /** Whoever starts while a store is away says so and ends; a supervisor starts it again. */
  get #isRefusedByStore(): boolean {
    return (
      !this.#isEnding && this.#tail[this.#tail.length - 1]?.startsWith("sallyport: cannot use ") === true
    );
  }

  #tellEnd(how: string): void {
    this.ends.push(`${this.name} ${how}; its last lines:\n${this.#tail.join("\n")}`);
  }

  #line(text: string): void {
    this.#tail = [...this.#tail, text.slice(0, tailColumns)].slice(-tailLines);
    if (this.#options.secrets.some((secret) => text.includes(secret))) this.leaks.push(text);
    if (!text.startsWith("{")) return;
    const { time, msg, server: _, pid: __, ...fields } = JSON.parse(text) as Record<string, unknown>;
    const message = String(msg);
    this.#options.saw({ type: "log", atMs: Number(time), server: this.name, message, fields });
  }
}
