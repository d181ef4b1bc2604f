import type { AnswerTo, CommandName, CommandOf, DoorVocabulary, EventOf } from "@sallyport/domain";

/**
 * Translates for one connection: the client's bytes become commands, and answers and events become bytes. It
 * has no I/O, clock or timer.
 */
export interface DialectStream<D extends DoorVocabulary> {
  /**
   * Reads bytes of the client. Throws `WireError` if they are not valid. The caller must then close the
   * connection.
   */
  receive(bytes: Uint8Array, nowMs: number): Incoming<D>[];
  /**
   * Takes the answer to a command. Returns the commands that follow from this answer. The caller must carry
   * them out before it reads more commands of the client.
   */
  answer(answerTo: number, answer: AnswerTo<D, CommandName<D>>, nowMs: number): Incoming<D>[];
  event(event: EventOf<D>, nowMs: number): void;
  /**
   * Returns `silent` if the client has sent nothing for too long. The caller must then close the connection.
   */
  tick(nowMs: number): "alive" | "silent";
  takeOutput(): readonly Uint8Array[];
  /** True if each of the byte arrays of `takeOutput` has to be a write of its own. */
  readonly isWrittenApart?: boolean;
  /** What the client said of itself. Null until the client has introduced itself. */
  readonly introduction: Introduction | null;
  /** The reason to end the connection. If it is a text, send the output and then close the connection. */
  readonly endsFor?: string | null;
  /** True if the protocol has nothing more to say on this connection. Send the output, and then close it. */
  readonly isFinished?: boolean;
  /**
   * Returns the notes for the log since the last call. They contain the names of packets that no handler
   * reads.
   */
  takeNotes?(): readonly string[];
}

export interface Incoming<D extends DoorVocabulary> {
  readonly command: CommandOf<D>;
  /** Pass this id to `answer`. */
  readonly answerTo: number;
  /**
   * The client stops waiting for the answer at this time. After that, the command must not be carried out.
   */
  readonly expiresMs: number;
}

export const secondLogins = ["takeover", "reject"] as const;
export type SecondLogin = (typeof secondLogins)[number];

/** What a client says of itself before its first command. All of it can be false. */
export interface Introduction {
  /** The version of the protocol on this connection. */
  readonly version: number;
  /** The dialect of the player's program. If an adaptor translates, this is not the dialect of the door. */
  readonly dialect: string;
  /** The name of the client's program. Empty if the name is unknown. */
  readonly program: string;
  readonly programVersion: string;
  /** An id of the client's machine. It is the same at each login. */
  readonly deviceId: string | null;
  /** What the client wants if its account is already in use. If it is null, the server decides. */
  readonly secondLogin: SecondLogin | null;
}

/**
 * How a door treats a client that has closed its half of the connection. Everything that it has sent is carried out.
 * With `reads-on`, as `nc` does, it then still gets what happens for a while. With `is-heard`, it is gone then.
 */
export type AfterLastByte = "reads-on" | "is-heard";

export interface Dialect<D extends DoorVocabulary> {
  readonly name: string;
  /** What these clients usually expect if an account is already in use: see the setting LOGIN_SECOND. */
  readonly secondLogin: SecondLogin;
  /** True if clients first load a map, then show it, and then request the actors in view. */
  readonly loadsMaps?: boolean;
  /** True if clients can report where they are. The server walks the characters of all other clients. */
  readonly reportsPositions?: boolean;
  /** Absent: a client is gone with its last byte, and what waits is dropped. */
  readonly afterLastByte?: AfterLastByte;
  /** Maximum number of clients of this dialect at one door. Absent: only the bounds of the door count. */
  readonly clientsMax?: number;
  open(nowMs: number): DialectStream<D>;
}
