import type { Log } from "@sallyport/server-kit";

export interface Entry {
  readonly level: "debug" | "info" | "warn" | "error" | "fatal";
  readonly text: string;
  readonly about: Readonly<Record<string, unknown>>;
}

/** What servers write into their log. */
export class Logbook {
  readonly entries: Entry[] = [];

  /** As much of a log as servers use. */
  get log(): Log {
    const level = (level: Entry["level"]) => (first: unknown, second?: string) => {
      const about = typeof first === "object" && first !== null ? (first as Entry["about"]) : {};
      this.entries.push({ level, text: second ?? String(first), about });
    };
    const levels = ["debug", "info", "warn", "error", "fatal"] as const;
    return Object.fromEntries(levels.map((name) => [name, level(name)])) as unknown as Log;
  }

  find(text: string): Entry | undefined {
    return this.entries.find((entry) => entry.text === text);
  }
}
