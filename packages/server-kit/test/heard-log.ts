import { pino } from "pino";
import type { Log } from "../src/index.ts";

/** A log that remembers what it was told. */
export function heardLog(): {
  readonly log: Log;
  readonly lines: { level: number; msg: string; why?: unknown }[];
} {
  const lines: { level: number; msg: string }[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { log, lines };
}
