import { readFileSync } from "node:fs";
import { problemsOfLine } from "@sallyport/server-kit";
import { type ProcessEnd, SallyportProcess } from "@sallyport/testkit";
import type { LogLine } from "../history/fact.ts";

export type Command = "login" | "char" | "map" | "gateway";

export interface ServerProcessOptions {
  readonly name: string;
  readonly command: Command;
  readonly environment: Readonly<Record<string, string>>;
  readonly adminPort: number;
  /** The server's own folder, for files that outlive a process. */
  readonly folder: string;
  /** None of these may be in any line of its log. */
  readonly secrets: readonly string[];
  readonly saw: (line: LogLine) => void;
}

const stopMs = 40_000;
const supervisorMs = 500;
const pageBytes = 4_096;

/** One `sallyport` process, and the next one after it was killed. */
export class ServerProcess extends SallyportProcess {
  /** A text for each time that it ended by itself. */
  readonly ends: string[] = [];
  /** Lines that contain a secret. */
  readonly leaks: string[] = [];
  /** Lines with a key that is not in the table of keys, or stands twice; each with what is wrong. */
  readonly strayKeys: string[] = [];
  /** The number of JSON lines that it wrote. */
  lines = 0;
  residentBytesMax = 0;
  /** The number of client connections at the last look of `isRidOfClients`. */
  clientsLeft = 0;
  readonly #secrets: readonly string[];
  readonly #saw: (line: LogLine) => void;
  #endsBy: "itself" | "kill" | "stop" = "itself";

  constructor({ command, secrets, saw, ...others }: ServerProcessOptions) {
    super({ ...others, args: [command] });
    this.#secrets = secrets;
    this.#saw = saw;
  }

  override spawn(): void {
    this.#endsBy = "itself";
    super.spawn();
  }

  override kill(): Promise<void> {
    this.#endsBy = "kill";
    return super.kill();
  }

  /** Ends it in good order, if it can. */
  override stop(graceMs = stopMs): Promise<number> {
    this.#endsBy = "stop";
    return super.stop(graceMs);
  }

  /** Whether no client is connected any more. */
  async isRidOfClients(): Promise<boolean> {
    this.clientsLeft = (await this.metrics()).value("sallyport_clients");
    return this.clientsLeft === 0;
  }

  /** Only Linux has the file with this number. */
  lookAtMemory(): void {
    if (this.child === null) return;
    try {
      const [, pages] = readFileSync(`/proc/${this.child.pid}/statm`, "utf8").split(" ");
      this.residentBytesMax = Math.max(this.residentBytesMax, Number(pages) * pageBytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }

  protected override ended({ code, signal }: ProcessEnd): void {
    if (this.#endsBy === "kill" || (this.#endsBy === "stop" && code === 0)) return;
    if (this.#couldNotStart) setTimeout(() => this.#endsBy === "itself" && this.spawn(), supervisorMs);
    else this.ends.push(`${this.name} ended with ${signal ?? code}; its last lines:\n${this.tail}`);
  }

  protected override heard(text: string): void {
    if (this.#secrets.some((secret) => text.includes(secret))) this.leaks.push(text);
    if (!text.startsWith("{")) return;
    this.lines += 1;
    for (const problem of problemsOfLine(text)) this.strayKeys.push(`${problem}: ${text}`);
    const { time, msg, server: _, pid: __, ...fields } = JSON.parse(text) as Record<string, unknown>;
    const message = String(msg);
    this.#saw({ type: "log", atMs: Number(time), server: this.name, message, fields });
  }

  /**
   * A server that starts while a store is away says so on stderr, not in its log, and ends. A supervisor
   * starts it again.
   */
  get #couldNotStart(): boolean {
    const last = this.tail.split("\n").pop() ?? "";
    return this.#endsBy === "itself" && last.startsWith("sallyport: ");
  }
}
