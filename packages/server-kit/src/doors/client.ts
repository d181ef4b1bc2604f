import type { Dialect, Introduction } from "@sallyport/dialects";
import type { AnswerTo, CommandName, CommandOf, DoorVocabulary, EventOf } from "@sallyport/domain";
import type { LogLines } from "../telemetry/log.ts";
import type { LogFields } from "../telemetry/log-keys.ts";

export interface Client<D extends DoorVocabulary> {
  readonly remote: string;
  readonly dialect: Dialect<D>;
  /** The address under which limits for one address count this client: see `addressOf`. */
  readonly address: string;
  readonly isConnected: boolean;
  /** Never null while a command is handled. */
  readonly introduction: Introduction | null;
  /** Adds `remote` to each line. After `follow` was called, also adds the trace of the client. */
  readonly log: LogLines;
  /** Sets the trace in the log lines of this client. All doors use the same trace for one login. */
  follow(trace: string): void;
  send(event: EventOf<D>): void;
  /** Sends an event that may wait until `flush`. No later event or answer overtakes it. */
  show(event: EventOf<D>): void;
  /** Writes all waiting events at once. */
  flush(): void;
  /** The number of written bytes that the client has not taken, as far as this end knows. */
  readonly unreadBytes: number;
  /** Events that were already sent are still delivered. */
  disconnect(why: string): void;
}

/** Time from the end of a visit until the door closes the connection, if the client has not closed it. */
export const closesWithinMs = 5_000;

/**
 * The work of a server for one client. It begins when the client connects, and ends when `gone` is called.
 */
export interface Visit<D extends DoorVocabulary> {
  readonly handlers: {
    readonly [N in CommandName<D>]: (command: CommandOf<D, N>) => Promise<AnswerTo<D, N>>;
  };
  /** Called when a command arrives, perhaps while earlier commands are still being handled. */
  arrived?(command: CommandOf<D>): void;
  /** Called after the answer is written. Events that are sent from now on arrive after the answer. */
  answered?(command: CommandOf<D>): void;
  /**
   * Called after each answer. Returns true if the client has been served and should now close its connection.
   */
  isOver?(): boolean;
  gone(): void;
}

/**
 * The side that ended a connection, or the fault that made the server end the connection. Used in metrics.
 */
export type EndedBy =
  | "client"
  | "server"
  | "silence"
  | "no-command"
  | "newcomers"
  | "newcomers-of-address"
  | "first-bytes"
  | "version"
  | "nonsense"
  | "not-reading"
  | "too-fast"
  | "bug";

export function introducedAs({ introduction }: Pick<Client<DoorVocabulary>, "introduction">): LogFields {
  if (introduction === null) return {};
  const { dialect, version: protocolVersion, program, programVersion, deviceId } = introduction;
  return { dialect, protocolVersion, program, programVersion, deviceId };
}
