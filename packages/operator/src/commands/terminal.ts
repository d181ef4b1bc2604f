import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { CannotAsk, exitCodes } from "./ask.ts";

/** Asks the person at the terminal. Questions go to stderr, so that stdout has only the answer. */
export interface Terminal {
  /** Asks a question that is answered by yes or no. Throws `CannotAsk` if nobody can answer. */
  confirm(question: string): Promise<boolean>;
  /** Reads a line without showing it. Without a terminal, reads one line from stdin. */
  secret(prompt: string): Promise<string>;
}

/** Shows what is asked, and nothing of what is typed. */
const silent = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

export const terminal: Terminal = {
  async confirm(question) {
    if (!process.stdin.isTTY) throw new CannotAsk(`${question} Add --yes to say yes.`, exitCodes.usage);
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
    } finally {
      lines.close();
    }
  },

  async secret(prompt) {
    if (process.stdin.isTTY) process.stderr.write(`${prompt}: `);
    const lines = createInterface({
      input: process.stdin,
      output: silent(),
      terminal: process.stdin.isTTY === true,
    });
    try {
      for await (const line of lines) return line;
      throw new CannotAsk(`${prompt}: nothing was given`, exitCodes.usage);
    } finally {
      lines.close();
      if (process.stdin.isTTY) process.stderr.write("\n");
    }
  },
};
