const startedMs = performance.now();

/** Writes a line for people to stderr, with the time since the program started. */
export function tell(line: string): void {
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1).padStart(7);
  process.stderr.write(`${seconds} s  ${line}\n`);
}
