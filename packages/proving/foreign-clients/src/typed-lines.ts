import { createInterface, type Interface } from "node:readline/promises";
import { ClientFailure } from "./client-failure.ts";

/** Lines of the standard input. Those of a pipe may come before they are asked for, and are kept. */
export class TypedLines implements AsyncIterable<string> {
  readonly #terminal: Interface = createInterface({ input: process.stdin, output: process.stdout });
  // `question` would lose lines that came before it, and would never answer after the end of the input.
  readonly #lines = this.#terminal[Symbol.asyncIterator]();

  /** Rejects with `ClientFailure` at the end of the input. */
  async ask(question: string): Promise<string> {
    process.stdout.write(question);
    const line = await this.#lines.next();
    if (line.done !== true) return line.value;
    process.stdout.write("\n");
    throw new ClientFailure(`The input ended before an answer to "${question.trim()}"`, 2);
  }

  [Symbol.asyncIterator](): AsyncIterator<string> {
    return this.#lines;
  }

  close(): void {
    this.#terminal.close();
  }
}
