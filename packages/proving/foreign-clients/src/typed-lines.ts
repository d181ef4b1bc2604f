import { createInterface, type Interface } from "node:readline/promises";
import { Writable } from "node:stream";
import { ClientFailure } from "./client-failure.ts";

/**
 * Lines of the standard input. Those of a pipe may come before they are asked for, and are kept. Questions and
 * what is typed go to stderr, so that stdout has only what the client finds out.
 */
export class TypedLines implements AsyncIterable<string> {
  #isSecret = false;
  readonly #shown = new Writable({
    write: (chunk, _encoding, done) => {
      if (!this.#isSecret) process.stderr.write(chunk);
      done();
    },
  });
  // Without a history, no key brings a password back.
  readonly #terminal: Interface = createInterface({
    input: process.stdin,
    output: this.#shown,
    terminal: process.stdin.isTTY === true,
    historySize: 0,
  });
  #isEnded = false;
  // `question` would lose lines that came before it, and would never answer after the end of the input.
  readonly #lines = this.#terminal[Symbol.asyncIterator]();

  constructor() {
    this.#terminal.once("close", () => {
      this.#isEnded = true;
    });
  }

  /** Rejects with `ClientFailure` at the end of the input, which a person also types by Ctrl-C. */
  ask(question: string): Promise<string> {
    this.#prompt(question);
    return this.#next(question);
  }

  /** Asks for a line that the terminal does not show. Rejects as `ask` does. */
  async askSecret(question: string): Promise<string> {
    this.#prompt(question);
    this.#isSecret = true;
    try {
      return await this.#next(question);
    } finally {
      this.#isSecret = false;
      if (process.stdin.isTTY) process.stderr.write("\n");
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<string> {
    return this.#lines;
  }

  close(): void {
    this.#terminal.close();
  }

  /**
   * Readline draws the line anew while it is edited, with the question before it. Lines may be left after the input
   * has ended. Then Node 24 and newer refuse to prompt.
   */
  #prompt(question: string): void {
    if (this.#isEnded) {
      process.stderr.write(question);
      return;
    }
    this.#terminal.setPrompt(question);
    this.#terminal.prompt();
  }

  async #next(question: string): Promise<string> {
    const line = await this.#lines.next();
    this.#terminal.setPrompt("");
    if (line.done !== true) return line.value;
    process.stderr.write("\n");
    throw new ClientFailure(`The input ended before an answer to "${question.trim()}"`, 2);
  }
}
