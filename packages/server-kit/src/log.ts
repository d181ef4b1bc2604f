import { destination, type Logger, pino } from "pino";

export type Log = Logger;

/** Structured lines on stderr. Neither passwords nor ids nor cookies are ever given to it. */
export function createLog(name: string, level: string): Log {
  return pino({ level, base: { server: name } }, destination({ fd: 2, sync: true }));
}

export const silentLog = (): Log => pino({ enabled: false });
