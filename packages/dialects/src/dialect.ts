import type { AnswerTo, CommandName, CommandOf, DoorVocabulary, EventOf } from "@sallyport/domain";

/**
 * Turns the bytes of one client into commands, and answers and events into bytes. It has no I/O, clock or
 * timer.
 */
export interface DialectStream<D extends DoorVocabulary> {
  /** Throws `WireError` on nonsense; the connection cannot be used after that. */
  receive(bytes: Uint8Array, nowMs: number): Incoming<D>[];
  /** Returns commands that follow from the answer; they come before anything else that the client sent. */
  answer(answerTo: number, answer: AnswerTo<D, CommandName<D>>, nowMs: number): Incoming<D>[];
  event(event: EventOf<D>, nowMs: number): void;
  /** `silent`: the client sent nothing for so long that it counts as gone. */
  tick(nowMs: number): "alive" | "silent";
  takeOutput(): Uint8Array[];
  /** The client's introduction; null: it has sent none yet. */
  readonly introduction: Introduction | null;
  /** The reason to end the connection once the output is sent; null or absent: it goes on. */
  readonly endsFor?: string | null;
  /** Notes for the log, since the last call, on packets that no handler reads. */
  takeNotes?(): readonly string[];
}

export interface Incoming<D extends DoorVocabulary> {
  readonly command: CommandOf<D>;
  /** The id that has to come back with the answer. */
  readonly answerTo: number;
  /** After this time the client no longer waits for the answer, and the command should not be carried out. */
  readonly expiresMs: number;
}

export const secondLogins = ["takeover", "reject"] as const;
export type SecondLogin = (typeof secondLogins)[number];

/** A client's description of itself before its first command. None of it is proven. */
export interface Introduction {
  /** The version of the protocol that the client speaks here. */
  readonly version: number;
  /** The dialect of the player's program. If an adaptor stands between, it differs from that of the door. */
  readonly dialect: string;
  /** Empty: unknown. */
  readonly program: string;
  readonly programVersion: string;
  /** An id that is the same at each login from the same machine. */
  readonly deviceId: string | null;
  /** The client's wish for a login whose account is in use; null: the server decides. */
  readonly secondLogin: SecondLogin | null;
}

export interface Dialect<D extends DoorVocabulary> {
  readonly name: string;
  /** The policy that suits these clients when an account is in use: see the login-server's setting. */
  readonly secondLogin: SecondLogin;
  open(nowMs: number): DialectStream<D>;
}
