import type { Dialect, Introduction } from "@sallyport/dialects";
import type { AnswerTo, CommandName, CommandOf, DoorVocabulary, EventOf, Kick } from "@sallyport/domain";
import { hostOf } from "@sallyport/link/addresses";
import type { LogLines } from "../telemetry/log.ts";
import type { LogFields } from "../telemetry/log-keys.ts";

export interface Client<D extends DoorVocabulary> {
  readonly remote: string;
  readonly dialect: Dialect<D>;
  /** Limits for one address count this client under this address: see `addressOf`. */
  readonly address: string;
  readonly isConnected: boolean;
  /** What the client said of itself. It is never null while a command is handled. */
  readonly introduction: Introduction | null;
  /** Adds `remote` to each line. After a call of `follow`, also adds the trace of the client. */
  readonly log: LogLines;
  /** Sets the trace for the log lines of this client. All doors use the same trace for one login. */
  follow(trace: string): void;
  send(event: EventOf<D>): void;
  /**
   * Sends an event that can wait until `flush`. Events and answers that are sent later do not overtake it.
   */
  show(event: EventOf<D>): void;
  /** Writes all waiting events at once. */
  flush(): void;
  /** The number of written bytes that the client has not taken. This is an estimate of this server. */
  readonly unreadBytes: number;
  /** Ends the connection. The client still gets the events that were already sent. */
  disconnect(why: string): void;
}

/**
 * After its last byte, a client has this many milliseconds to get its answers, and `lingersMs` after the last answer
 * to get events. Then the door closes the connection.
 */
export const answersWithinMs = 10_000;
export const lingersMs = 1_000;

/** After a visit, the client has this many milliseconds to close its connection. Then the door closes it. */
export const closesWithinMs = 5_000;

/**
 * The work of a server for one client. The visit begins when the client connects, and ends when `gone` is
 * called.
 */
export interface Visit<D extends DoorVocabulary> {
  readonly handlers: {
    readonly [N in CommandName<D>]: (command: CommandOf<D, N>) => Promise<AnswerTo<D, N>>;
  };
  /** Called when a command arrives. Earlier commands may still be in progress. */
  arrived?(command: CommandOf<D>): void;
  /** Called after the answer is written. Events that are sent after this call arrive after the answer. */
  answered?(command: CommandOf<D>): void;
  /**
   * Called after each answer. Returns true if the visit is over and the client should close its connection.
   */
  isOver?(): boolean;
  /**
   * Called if the client has to leave, because its address or device is banned. Absent: the door tells it so,
   * and disconnects it.
   */
  putOut?(kick: Kick): void;
  gone(): void;
}

/**
 * The side that ended a connection, or the fault for which the server ended it. The metrics use these words.
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

/** From where the client comes, for the trail. Nothing but the address is proven. */
export function originOf({ remote, introduction }: Pick<Client<DoorVocabulary>, "introduction" | "remote">) {
  const { dialect = null, program = "", programVersion = "", deviceId: device = null } = introduction ?? {};
  const clientVersion = `${program} ${programVersion}`.trim();
  return { address: hostOf(remote), device, dialect, clientVersion };
}
