import { type Clock, systemClock } from "@sallyport/clock";
import { destination, type Logger, type LoggerOptions, pino } from "pino";
import type { LogFields } from "./log-keys.ts";
import { RepeatedLines } from "./repeated-lines.ts";

/** Writes log lines. A wrapper can add fields to each line, such as the address of a client. */
export interface LogLines {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

export interface Log extends LogLines {
  level: string;
  fatal(fields: LogFields, message: string): void;
  child(marks: LogFields): Log;
  flush(done?: (error?: Error) => void): void;
}

/**
 * Creates a log that writes structured lines to stderr. Callers never pass passwords, login ids or cookies.
 * The number of lines that a flood of requests can cause is limited: see `RepeatedLines`.
 */
export function createLog(
  name: string,
  level: string,
  to: { write(line: string): void } = new JoinedLines(stderr()),
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

/** Maximum number of bytes that wait until stderr is read. Further lines are dropped. */
const unreadBytesMax = 16 << 20;

/**
 * Writes asynchronously, so that a slow reader of stderr does not delay the server. `minLength` must not be
 * 0: a flush would then not wait for the lines that are being written (sonic-boom 4.2).
 */
const stderr = () => destination({ fd: 2, sync: false, maxLength: unreadBytesMax, minLength: 1 });

/**
 * Lines wait for this long, so that several lines share one write. If SIGKILL ends the process, the waiting
 * lines are lost.
 */
const lingerMs = 50;

/** Collects lines for a short time and writes them together, because a write costs more than a line. */
class JoinedLines {
  readonly #to: ReturnType<typeof stderr>;
  #lines = "";

  constructor(to: ReturnType<typeof stderr>) {
    this.#to = to;
  }

  write(line: string): void {
    if (this.#lines === "") setTimeout(() => this.#pass(), lingerMs);
    this.#lines += line;
  }

  flush(done: (error?: Error) => void): void {
    this.#pass();
    this.#to.flush(done);
  }

  /** pino calls this method after a fatal line, because the process may end next. */
  flushSync(): void {
    this.#pass();
    this.#to.flushSync();
  }

  #pass(): void {
    if (this.#lines === "") return;
    this.#to.write(this.#lines);
    this.#lines = "";
  }
}

/** Resolves when every line is written. If the process ends before that, unwritten lines are lost. */
export const written = (log: Log): Promise<void> =>
  new Promise((resolve) => {
    log.flush(() => resolve());
  });

export const silentLog = (): Log => pino({ enabled: false });

/**
 * Returns the properties of an error that the log is allowed to contain. Other properties can hold secrets.
 * For example, database drivers add the values of a statement, such as a lock with its login ids.
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

/** Adds fields to every line. The values of these fields are computed when the line is written. */
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

export function nextLevel(level: string): (typeof levels)[number] {
  const index = (levels as readonly string[]).indexOf(level);
  return levels[(index + 1) % levels.length] ?? "info";
}
