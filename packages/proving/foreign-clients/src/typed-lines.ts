import { createInterface, type Interface } from "node:readline/promises";

/** Lines of the standard input. Those of a pipe may come before they are asked for, and are kept. */
export class TypedLines implements AsyncIterable<string> {
  readonly #terminal: Interface = createInterface({ input: process.stdin, output: process.stdout });
  // `question` would lose lines that came before it.
  readonly #lines = this.#terminal[Symbol.asyncIterator]();

  /** Resolves to an empty text at the end of the input. */
  async ask(question: string): Promise<string> {
    process.stdout.write(question);
    const line = await this.#lines.next();
    return line.done === true ? "" : line.value;
  }

  [Symbol.asyncIterator](): AsyncIterator<string> {
    return this.#lines;
  }

  close(): void {
    this.#terminal.close();
  }
}
