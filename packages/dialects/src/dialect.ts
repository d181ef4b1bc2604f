import type { AnswerTo, CommandName, CommandOf, DoorVocabulary, EventOf } from "@sallyport/domain";

/**
 * Translates for one connection: the client's bytes into commands, and answers and events into bytes. It has
 * no I/O, clock or timer.
 */
export interface DialectStream<D extends DoorVocabulary> {
  /** Throws `WireError` if the bytes are not valid. The caller must then close the connection. */
  receive(bytes: Uint8Array, nowMs: number): Incoming<D>[];
  /**
   * Takes the answer to a command. Returns commands that follow from the answer. The caller must carry out
   * these commands before later commands of the client.
   */
  answer(answerTo: number, answer: AnswerTo<D, CommandName<D>>, nowMs: number): Incoming<D>[];
  event(event: EventOf<D>, nowMs: number): void;
  /**
   * Returns `silent` if the client has sent nothing for too long. The caller must then close the connection.
   */
  tick(nowMs: number): "alive" | "silent";
  takeOutput(): readonly Uint8Array[];
  /** Null until the client has introduced itself. */
  readonly introduction: Introduction | null;
  /** If set, close the connection after the output is sent. The text is the reason. */
  readonly endsFor?: string | null;
  /** Notes for the log since the last call. They name packets that no handler reads. */
  takeNotes?(): readonly string[];
}

export interface Incoming<D extends DoorVocabulary> {
  readonly command: CommandOf<D>;
  /** Pass this id to `answer`. */
  readonly answerTo: number;
  /** After this time the client no longer waits for the answer, so the command must not be carried out. */
  readonly expiresMs: number;
}

export const secondLogins = ["takeover", "reject"] as const;
export type SecondLogin = (typeof secondLogins)[number];

/** What a client says of itself before its first command. Any of this may be false. */
export interface Introduction {
  /** The version of the protocol on this connection. */
  readonly version: number;
  /** The dialect of the player's program. It differs from the door's dialect if an adaptor translates. */
  readonly dialect: string;
  /** The name of the program, or an empty text if it is unknown. */
  readonly program: string;
  readonly programVersion: string;
  /** An id of the machine, the same at each login. */
  readonly deviceId: string | null;
  /** What the client wants if the account is in use. If null, the server decides. */
  readonly secondLogin: SecondLogin | null;
}

export interface Dialect<D extends DoorVocabulary> {
  readonly name: string;
  /** The usual policy of these clients if the account is in use: see the setting LOGIN_SECOND. */
  readonly secondLogin: SecondLogin;
  /** True if clients load a map before they show it, and then ask for the actors in view. */
  readonly loadsMaps?: boolean;
  open(nowMs: number): DialectStream<D>;
}
