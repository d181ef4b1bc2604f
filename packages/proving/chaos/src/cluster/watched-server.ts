import { readFileSync } from "node:fs";
import type { Rig, RigServer } from "@sallyport/rig";
import { problemsOfLine } from "@sallyport/server-kit";
import type { ProcessEnd, SallyportProcess } from "@sallyport/testkit";
import type { LogLine } from "../history/fact.ts";

export interface WatchOptions {
  /** None of these may be in any line of its log. */
  readonly secrets: readonly string[];
  readonly saw: (line: LogLine) => void;
}

const supervisorMs = 500;
const pageBytes = 4_096;

/** One server with its processes. */
export class WatchedServer {
  readonly process: SallyportProcess;
  /** A text for each time that it ended by itself. */
  readonly ends: string[] = [];
  /** Lines that contain a secret. */
  readonly leaks: string[] = [];
  /** Lines with a key that is unknown or stands twice; each with the mistake. */
  readonly strayKeys: string[] = [];
  /** The number of JSON lines that it wrote. */
  lines = 0;
  residentBytesMax = 0;
  /** The number of client connections at the last look of `isRidOfClients`. */
  clientsLeft = 0;
  readonly #options: WatchOptions;

  private constructor(process: SallyportProcess, options: WatchOptions) {
    this.process = process;
    this.#options = options;
  }

  /** Resolves when it is ready. */
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

  /** Whether all clients have disconnected. */
  async isRidOfClients(): Promise<boolean> {
    this.clientsLeft = (await this.process.metrics()).value("sallyport_clients");
    return this.clientsLeft === 0;
  }

  /** Only Linux has the file with this value. */
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
    // A server that starts while a store is away says so on stderr, not in its log, and ends. A supervisor
    // starts it again.
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
