/** Counts the log lines of a server. Keeps only the lines that contain a secret. */
export class LogBook {
  readonly #secrets: readonly string[];
  readonly #counts = new Map<string, number>();
  readonly #leaks: string[] = [];
  #bytes = 0;
  #lines = 0;

  constructor(secrets: readonly string[]) {
    this.#secrets = secrets;
  }

  add(line: string): void {
    this.#bytes += line.length + 1;
    this.#lines += 1;
    const leaked = this.#secrets.find((secret) => line.includes(secret));
    if (leaked !== undefined) this.#leaks.push(line);
    const kind = kindOf(line);
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  get lines(): number {
    return this.#lines;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Number of lines by message and reason, the most frequent first. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([, a], [, b]) => b - a));
  }

  get leaks(): readonly string[] {
    return this.#leaks;
  }
}

function kindOf(text: string): string {
  let line: { readonly msg?: unknown; readonly why?: unknown };
  try {
    line = JSON.parse(text) as typeof line;
  } catch {
    return "not JSON";
  }
  const message = String(line.msg);
  return typeof line.why === "string" ? `${message}: ${line.why}` : message;
}
