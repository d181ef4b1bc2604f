import { readFileSync } from "node:fs";
import type { Rig, RigServer } from "@sallyport/rig";
import { problemsOfLine } from "@sallyport/server-kit";
import type { ProcessEnd, SallyportProcess } from "@sallyport/testkit";
import type { LogLine } from "../history/fact.ts";

export interface WatchOptions {
  /** No log line of the server may contain one of these. */
  readonly secrets: readonly string[];
  readonly saw: (line: LogLine) => void;
}

const supervisorMs = 500;
const pageBytes = 4_096;

/** One server, which may be started several times. Records unexpected ends, log lines and memory. */
export class WatchedServer {
  readonly process: SallyportProcess;
  /** One text for each unexpected end of the process. */
  readonly ends: string[] = [];
  /** Log lines that contain a secret. */
  readonly leaks: string[] = [];
  /** Log lines with an unknown key or with the same key twice. Each entry first says which of the two. */
  readonly strayKeys: string[] = [];
  /** Number of JSON lines in the log of the server. */
  lines = 0;
  residentBytesMax = 0;
  /** Number of client connections when `isRidOfClients` was last called. */
  clientsLeft = 0;
  readonly #options: WatchOptions;

  private constructor(process: SallyportProcess, options: WatchOptions) {
    this.process = process;
    this.#options = options;
  }

  /** Resolves when the server is ready. */
  static async start(rig: Rig, server: RigServer, options: WatchOptions): Promise<WatchedServer> {
    const heard = (line: string): void => watched.#heard(line);
    const ended = (end: ProcessEnd): void => watched.#ended(end);
    const process = await rig.newServer({ ...server, heard, ended });
    const watched: WatchedServer = new WatchedServer(process, options);
    rig.stopAlso(() => process.stop());
    await process.start();
    return watched;
  }

  get name(): string {
    return this.process.name;
  }

  async isRidOfClients(): Promise<boolean> {
    this.clientsLeft = (await this.process.metrics()).value("sallyport_clients");
    return this.clientsLeft === 0;
  }

  /** Does nothing on systems other than Linux, because they have no `/proc` files. */
  lookAtMemory(): void {
    const { child } = this.process;
    if (child === null) return;
    try {
      const [, pages] = readFileSync(`/proc/${child.pid}/statm`, "utf8").split(" ");
      this.residentBytesMax = Math.max(this.residentBytesMax, Number(pages) * pageBytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }

  #ended({ code, signal, by }: ProcessEnd): void {
    const { process } = this;
    if (by === "kill" || (by === "stop" && code === 0)) return;
    // If a store is unavailable when a server starts, the server reports that on stderr and ends. A
    // supervisor would start it again, and so does this code.
    const couldNotStart = process.tail.split("\n").pop()?.startsWith("sallyport: ") === true;
    if (by === "itself" && couldNotStart) setTimeout(() => process.isWanted && process.spawn(), supervisorMs);
    else this.ends.push(`${this.name} ended with ${signal ?? code}; its last lines:\n${process.tail}`);
  }

  #heard(text: string): void {
    const { secrets, saw } = this.#options;
    if (secrets.some((secret) => text.includes(secret))) this.leaks.push(text);
    if (!text.startsWith("{")) return;
    this.lines += 1;
    for (const problem of problemsOfLine(text)) this.strayKeys.push(`${problem}: ${text}`);
    const { time, msg, server: _, pid: __, ...fields } = JSON.parse(text) as Record<string, unknown>;
    saw({ type: "log", atMs: Number(time), server: this.name, message: String(msg), fields });
  }
}
