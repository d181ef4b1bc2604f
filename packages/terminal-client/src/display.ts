import { type Line, paint, type Size } from "./paint.ts";

/** A terminal, for example `process.stdout`. */
export interface Output {
  write(text: string): boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly writableNeedDrain?: boolean;
}

const enter = "\x1b[?1049h\x1b[?25l\x1b[2J";
const leave = "\x1b[0m\x1b[?25h\x1b[?1049l";

/**
 * Draws on the alternate screen of a terminal, so the main screen keeps its content. Writes only changed
 * lines.
 */
export class Display {
  readonly #output: Output;
  readonly #colours: boolean;
  #shown: string[] = [];
  #isOpen = false;

  constructor(output: Output, colours: boolean) {
    this.#output = output;
    this.#colours = colours;
  }

  get size(): Size {
    return { columns: this.#output.columns ?? 80, rows: this.#output.rows ?? 24 };
  }

  open(): void {
    this.#isOpen = true;
    this.#output.write(enter);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#output.write(leave);
  }

  /** Clears the screen. Call this after a resize, because the content of the screen is then unknown. */
  forget(): void {
    this.#shown = [];
    if (this.#isOpen) this.#output.write("\x1b[2J");
  }

  /** Returns false, and draws nothing, if the terminal is still busy with the last picture. */
  show(lines: readonly Line[]): boolean {
    if (!this.#isOpen || this.#output.writableNeedDrain === true) return false;
    const { columns } = this.size;
    const painted = lines.map((each) => paint(each, columns, this.#colours));
    let changes = "";
    for (const [row, text] of painted.entries()) {
      if (this.#shown[row] !== text) changes += `\x1b[${row + 1};1H${text}\x1b[K`;
    }
    this.#shown = painted;
    if (changes !== "") this.#output.write(changes);
    return true;
  }
}
