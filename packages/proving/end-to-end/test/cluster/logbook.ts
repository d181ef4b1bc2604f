import { createLog, type Log } from "@sallyport/server-kit";

export interface Line {
  /** 20 is debug, 30 info, 40 warn, 50 error. */
  readonly level: number;
  readonly msg: string;
  readonly why?: string;
  readonly [field: string]: unknown;
}

/** Collects the log lines of servers. */
export class Logbook {
  readonly lines: Line[] = [];
  readonly log: Log = createLog("cluster", "debug", {
    write: (line) => void this.lines.push(JSON.parse(line) as Line),
  });

  find(msg: string): Line | undefined {
    return this.lines.find((line) => line.msg === msg);
  }
}
