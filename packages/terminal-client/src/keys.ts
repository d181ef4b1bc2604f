export type KeyName =
  | "up"
  | "down"
  | "left"
  | "right"
  | "enter"
  | "tab"
  | "backspace"
  | "escape"
  /** Ctrl-C. In raw mode it sends no signal. */
  | "interrupt";

export type Key =
  | { readonly type: "named"; readonly name: KeyName }
  | { readonly type: "text"; readonly text: string };

const sequences: ReadonlyMap<string, KeyName> = new Map([
  ["\x1b[A", "up"],
  ["\x1b[B", "down"],
  ["\x1b[C", "right"],
  ["\x1b[D", "left"],
  // Some terminals send these sequences in application mode.
  ["\x1bOA", "up"],
  ["\x1bOB", "down"],
  ["\x1bOC", "right"],
  ["\x1bOD", "left"],
  ["\x1bOM", "enter"],
]);
const controls: ReadonlyMap<string, KeyName> = new Map([
  ["\r", "enter"],
  ["\n", "enter"],
  ["\t", "tab"],
  ["\x7f", "backspace"],
  ["\b", "backspace"],
  ["\x03", "interrupt"],
]);

const whole = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O[ -~])/;
const unfinished = /^\x1b(?:\[[0-?]*[ -/]*|O)$/;
const sequenceCharsMax = 32;

/** Reads keys from the input of a terminal in raw mode. A key may arrive in several pieces. */
export class KeyReader {
  #rest = "";

  push(chunk: string): Key[] {
    let input = this.#rest + chunk;
    this.#rest = "";
    const keys: Key[] = [];
    while (input !== "") {
      const sequence = whole.exec(input)?.[0];
      if (sequence !== undefined) {
        const name = sequences.get(sequence);
        if (name !== undefined) keys.push({ type: "named", name });
        input = input.slice(sequence.length);
      } else if (unfinished.test(input) && input.length < sequenceCharsMax) {
        this.#rest = input;
        break;
      } else {
        const text = String.fromCodePoint(input.codePointAt(0) ?? 0);
        const key = keyOf(text);
        if (key !== null) keys.push(key);
        input = input.slice(text.length);
      }
    }
    return keys;
  }
}

function keyOf(text: string): Key | null {
  if (text === "\x1b") return { type: "named", name: "escape" };
  const name = controls.get(text);
  if (name !== undefined) return { type: "named", name };
  return /\p{C}/u.test(text) ? null : { type: "text", text };
}
