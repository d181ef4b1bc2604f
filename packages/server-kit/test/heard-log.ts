import { pino } from "pino";
import type { Log } from "../src/index.ts";

export function heardLog(): {
  readonly log: Log;
  readonly lines: { level: number; msg: string; why?: unknown; [field: string]: unknown }[];
} {
  const lines: ReturnType<typeof heardLog>["lines"] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { log, lines };
}
