const clearLine = "\r\x1b[K";
const lineEveryMs = 5_000;

export interface ProgressPrinter {
  /**
   * Shows the line. If stderr is not a terminal, writes a line only every five seconds and when the phase
   * changes.
   */
  show(phase: string, line: string): void;
  end(): void;
}

/** Progress goes to stderr, so that stdout holds only the summary. */
export function progressPrinter(): ProgressPrinter {
  const { stderr } = process;
  if (stderr.isTTY) {
    return {
      show: (_, line) => stderr.write(clearLine + line.slice(0, stderr.columns - 1)),
      end: () => stderr.write(clearLine),
    };
  }
  let shownMs = -lineEveryMs;
  let shownPhase = "";
  return {
    show(phase, line) {
      const nowMs = performance.now();
      if (phase === shownPhase && nowMs - shownMs < lineEveryMs) return;
      shownMs = nowMs;
      shownPhase = phase;
      stderr.write(`${line}\n`);
    },
    end: () => {},
  };
}
