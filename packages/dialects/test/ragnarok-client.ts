import type { AnswerTo, CommandName, CommandOf, DoorVocabulary, EventOf, OtherDoor } from "@sallyport/domain";
import type { Dialect, Incoming } from "../src/dialect.ts";
import { type GivenOptions, ragnarokDialects } from "../src/ragnarok/index.ts";
import { bytesOf, hexOf } from "./ragnarok-bytes.ts";

export class RagnarokClient<D extends DoorVocabulary> {
  nowMs: number;
  readonly #stream: ReturnType<Dialect<D>["open"]>;
  #asked: Incoming<D>[] = [];

  constructor(dialect: Dialect<D>, nowMs = 0) {
    this.nowMs = nowMs;
    this.#stream = dialect.open(nowMs);
  }

  /** Sends bytes to the stream. Returns the commands that it reads from them. */
  says(bytes: string): CommandOf<D>[] {
    return this.#take(this.#stream.receive(bytesOf(bytes), this.nowMs));
  }

  /**
   * Answers the oldest command without an answer. That command must have this name. Returns the commands that
   * the stream reads after the answer.
   */
  isAnswered<N extends CommandName<D>>(_: N, answer: AnswerTo<D, N>): CommandOf<D>[] {
    const [next] = this.#asked.splice(0, 1);
    if (next === undefined || next.command.type !== _) throw new Error(`${_} was not asked`);
    return this.#take(this.#stream.answer(next.answerTo, answer, this.nowMs));
  }

  isTold(event: EventOf<D>): void {
    this.#stream.event(event, this.nowMs);
  }

  hears(): string {
    return hexOf(...this.#stream.takeOutput());
  }

  get notes(): readonly string[] {
    return this.#stream.takeNotes?.() ?? [];
  }

  get isSilent(): boolean {
    return this.#stream.tick(this.nowMs) === "silent";
  }

  #take(asked: Incoming<D>[]): CommandOf<D>[] {
    this.#asked.push(...asked);
    return asked.map(({ command }) => command);
  }
}

export const hex = (written: string): string => hexOf(bytesOf(written));

export const dialects = (options: Partial<GivenOptions> = {}) =>
  ragnarokDialects({
    isoIn: (ms) => new Date(Date.UTC(2010, 0, 5, 12, 34, 56) + ms).toISOString(),
    isoAt: (atMs) => new Date(Math.min(atMs, 8.64e15)).toISOString(),
    randomBytes: (count) => new Uint8Array(count).fill(0xab),
    ...options,
  });

/** Native clients are sent to 127.0.0.1:5121. Clients of `dialect` are sent to 10.0.0.7 and this port. */
export function addressFor(port: number, dialect = "ragnarok") {
  const otherDoors: OtherDoor[] = [
    { dialect: "another", host: "10.9.9.9", port: 9 },
    { dialect, host: "10.0.0.7", port },
  ];
  return { host: "127.0.0.1", port: 5_121, wsUrl: null, otherDoors };
}
