import { type Clock, systemClock } from "@sallyport/clock";
import { destination, type Logger, type LoggerOptions, pino } from "pino";
import type { LogFields } from "./log-keys.ts";
import { RepeatedLines } from "./repeated-lines.ts";

/** Writes lines: a log, or a wrapper that adds a client's marks to each line. */
export interface LogLines {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

export interface Log extends LogLines {
  level: string;
  fatal(fields: LogFields, message: string): void;
  /** A log with these marks in every line. */
  child(marks: LogFields): Log;
  flush(done?: (error?: Error) => void): void;
}

/**
 * Writes structured lines to stderr. Passwords, login ids and cookies are never passed to it. Lines that a
 * flood of requests would repeat without end are written a few times a second, and then counted.
 */
export function createLog(
  name: string,
  level: string,
  to: { write(line: string): void } = stderr(),
  clock: Clock = systemClock,
): Log {
  const repeated = new RepeatedLines(clock);
  const logMethod: LogHook = function (this: Logger, args, method) {
    const [fields, message] = args as unknown[];
    if (typeof fields !== "object" || fields === null || typeof message !== "string") {
      return method.apply(this, args);
    }
    const error = "err" in fields ? fields.err : undefined;
    repeated.write(message, error, (times) =>
      method.apply(this, [times === null ? fields : { ...fields, times }, message]),
    );
  };
  return pino(
    { level, base: { server: name }, serializers: { err: describeError }, hooks: { logMethod } },
    to,
  );
}

type LogHook = NonNullable<NonNullable<LoggerOptions["hooks"]>["logMethod"]>;

/** The most bytes of lines that wait for a reader; further lines are dropped. */
const unreadBytesMax = 16 << 20;

/**
 * A reader that is slow, or has stopped, must not hold up the server. With `minLength` 0 a flush would not
 * wait for the lines that are being written (sonic-boom 4.2).
 */
const stderr = () => destination({ fd: 2, sync: false, maxLength: unreadBytesMax, minLength: 1 });

/** Resolves when every line is written. A process that ends earlier loses unwritten lines. */
export const written = (log: Log): Promise<void> =>
  new Promise((resolve) => {
    log.flush(() => resolve());
  });

export const silentLog = (): Log => pino({ enabled: false });

/**
 * The part of an error that is written. Other fields are left out: drivers put the request there, such as the
 * values of a statement, or a lock with its login ids.
 */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack, cause } = error;
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return {
    type: name,
    message,
    ...(code !== undefined && { code }),
    ...(stack !== undefined && { stack }),
    ...(cause !== undefined && { cause: describeError(cause) }),
  };
}

/** Adds marks to every line, with their values at the time of writing. */
export class MarkedLog implements LogLines {
  readonly #log: LogLines;
  readonly #marks: () => LogFields;

  constructor(log: LogLines, marks: () => LogFields) {
    this.#log = log;
    this.#marks = marks;
  }

  debug(fields: LogFields, message: string): void {
    this.#log.debug({ ...this.#marks(), ...fields }, message);
  }

  info(fields: LogFields, message: string): void {
    this.#log.info({ ...this.#marks(), ...fields }, message);
  }

  warn(fields: LogFields, message: string): void {
    this.#log.warn({ ...this.#marks(), ...fields }, message);
  }

  error(fields: LogFields, message: string): void {
    this.#log.error({ ...this.#marks(), ...fields }, message);
  }
}

const levels = ["info", "debug", "warn"] as const;

/** The level after this one, for an operator who steps through the levels while a server runs. */
export function nextLevel(level: string): (typeof levels)[number] {
  const index = (levels as readonly string[]).indexOf(level);
  return levels[(index + 1) % levels.length] ?? "info";
}
