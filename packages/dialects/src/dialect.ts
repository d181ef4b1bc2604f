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

export interface Dialect<D extends DoorVocabulary> {
  readonly name: string;
  /** What its clients make best of a login whose account is in use: see the login-server's setting. */
  readonly secondLogin: "takeover" | "reject";
  open(nowMs: number): DialectStream<D>;
}
