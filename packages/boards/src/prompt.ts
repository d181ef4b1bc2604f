import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { BoardsFailure, exitCodes } from "./failure.ts";

/** The person typed the end of input, or there are no more lines. */
export class InputEnded extends BoardsFailure {
  constructor(prompt: string) {
    super(`${prompt}: nothing was given`, exitCodes.usage);
  }
}

/** Asks the person, or reads lines of a script. */
export interface Prompt {
  say(text: string): void;
  /** Rejects with `InputEnded`. */
  line(prompt: string): Promise<string>;
  /** Reads a line without showing it. Rejects with `InputEnded`. */
  secret(prompt: string): Promise<string>;
  close(): void;
}

interface Streams {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/** Reads lines until `close`. Lines that come before they are asked for are kept. */
export function openPrompt({ input, output }: Streams): Prompt {
  let isSilent = false;
  const shown = new Writable({
    write(chunk, _encoding, done) {
      if (!isSilent) output.write(chunk);
      done();
    },
  });
  const isTerminal = input.isTTY === true;
  const lines = createInterface({ input, output: shown, terminal: isTerminal, historySize: 0 });
  const typed: string[] = [];
  let waiting: ((line: string | null) => void) | null = null;
  let isEnded = false;
  lines.on("line", (line) => {
    if (waiting === null) typed.push(line);
    else waiting(line);
  });
  lines.on("close", () => {
    isEnded = true;
    waiting?.(null);
  });
  lines.on("SIGINT", () => lines.close());
  const next = (): Promise<string | null> => {
    const ready = typed.shift();
    if (ready !== undefined || isEnded) return Promise.resolve(ready ?? null);
    return new Promise((resolve) => {
      waiting = (line) => {
        waiting = null;
        resolve(line);
      };
    });
  };
  const asked = async (prompt: string): Promise<string> => {
    const line = await next();
    if (line === null) throw new InputEnded(prompt.trim());
    return line;
  };
  return {
    say: (text) => void output.write(`${text}\n`),
    async line(prompt) {
      // Lines may be left after the input has ended. Then Node 24 and newer refuse to prompt.
      if (isEnded) {
        output.write(prompt);
      } else {
        lines.setPrompt(prompt);
        lines.prompt();
      }
      return asked(prompt);
    },
    async secret(prompt) {
      if (isTerminal) output.write(`${prompt}: `);
      isSilent = true;
      lines.setPrompt("");
      try {
        return await asked(prompt);
      } finally {
        isSilent = false;
        if (isTerminal) output.write("\n");
      }
    },
    close: () => lines.close(),
  };
}
