import type { AnswerTo, CommandName, CommandOf, DoorVocabulary, EventOf } from "@sallyport/domain";

/** One client's bytes as commands, and what it is told as bytes. Without I/O, clock or timer. */
export interface DialectStream<D extends DoorVocabulary> {
  /** Throws `WireError` on nonsense; the connection is then past saving. */
  receive(bytes: Uint8Array, nowMs: number): Incoming<D>[];
  /** Returns commands that follow from the answer; they come before whatever else the client sent. */
  answer(answerTo: number, answer: AnswerTo<D, CommandName<D>>, nowMs: number): Incoming<D>[];
  event(event: EventOf<D>, nowMs: number): void;
  /** `silent`: nothing was heard for so long that the client counts as gone. */
  tick(nowMs: number): "alive" | "silent";
  takeOutput(): Uint8Array[];
  /** What the client said of itself; null: nothing yet. */
  readonly introduction: Introduction | null;
  /** Why the connection has to end once the output was sent; null or absent: it goes on. */
  readonly endsFor?: string | null;
  /** What the client sent and nobody listens to, since the last time; for the log. */
  takeNotes?(): readonly string[];
}

export interface Incoming<D extends DoorVocabulary> {
  readonly command: CommandOf<D>;
  /** Given back with the answer. */
  readonly answerTo: number;
  /** After this nobody waits for the answer, and the command should not be carried out any more. */
  readonly expiresMs: number;
}

export const secondLogins = ["takeover", "reject"] as const;
export type SecondLogin = (typeof secondLogins)[number];

/** What a client says of itself ahead of its first command. Nothing of it is proven. */
export interface Introduction {
  /** Of the protocol that it speaks here. */
  readonly version: number;
  /** Of the player's program: another one than the door's where an adaptor stands between. */
  readonly dialect: string;
  /** Empty: not told. */
  readonly program: string;
  readonly programVersion: string;
  /** The same each time for the same machine. */
  readonly deviceId: string | null;
  /** What it wants done with a login whose account is in use; null: it leaves that to the server. */
  readonly secondLogin: SecondLogin | null;
}

export interface Dialect<D extends DoorVocabulary> {
  readonly name: string;
  /** What its clients make best of a login whose account is in use: see the login-server's setting. */
  readonly secondLogin: SecondLogin;
  open(nowMs: number): DialectStream<D>;
}
