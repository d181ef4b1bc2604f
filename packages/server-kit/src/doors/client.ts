import type { Dialect, Introduction } from "@sallyport/dialects";
import type { AnswerTo, CommandName, CommandOf, DoorVocabulary, EventOf } from "@sallyport/domain";
import type { LogLines } from "../telemetry/log.ts";
import type { LogFields } from "../telemetry/log-keys.ts";

/** A connected client, as a server sees it. */
export interface Client<D extends DoorVocabulary> {
  readonly remote: string;
  readonly dialect: Dialect<D>;
  /** The address by which it is counted: see `addressOf`. */
  readonly address: string;
  readonly isConnected: boolean;
  /** The introduction of the client; never null while a command is handled. */
  readonly introduction: Introduction | null;
  /** Each line carries the trace, once the client has one. */
  readonly log: LogLines;
  /** The trace that its log lines carry from now on, the same at each door. */
  follow(trace: string): void;
  send(event: EventOf<D>): void;
  /** Messages that were sent before still arrive. */
  disconnect(why: string): void;
}

/** After its visit a client has this long to close the connection; then the door does. Checked once a second. */
export const closesWithinMs = 5_000;

/**
 * The work of a server for one client. A visit is created when the client connects, and is told when the
 * client is gone.
 */
export interface Visit<D extends DoorVocabulary> {
  readonly handlers: {
    readonly [N in CommandName<D>]: (command: CommandOf<D, N>) => Promise<AnswerTo<D, N>>;
  };
  /** Called when a command arrives; earlier commands may still be under way. */
  arrived?(command: CommandOf<D>): void;
  /** Called when the answer is on its way: events sent from now on arrive after it. */
  answered?(command: CommandOf<D>): void;
  /** Asked after each answer: whether the client was served, and has nothing left to do but to close the connection. */
  isOver?(): boolean;
  gone(): void;
}

/** For metrics: which side ended a connection, or because of which fault. */
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

/** The introduction, for the log line about an accepted client. */
export function introducedAs({ introduction }: Pick<Client<DoorVocabulary>, "introduction">): LogFields {
  if (introduction === null) return {};
  const { dialect, version: protocolVersion, program, programVersion, deviceId } = introduction;
  return { dialect, protocolVersion, program, programVersion, deviceId };
}
