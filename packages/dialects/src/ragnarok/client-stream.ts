import type { AnswerTo, CommandName, CommandOf, DoorVocabulary, EventName, EventOf } from "@sallyport/domain";
import { WireError } from "@sallyport/wire";
import type { DialectStream, Incoming, Introduction } from "../dialect.ts";
import type { CodePage } from "./code-page.ts";
import { type PacketIndex, PacketReader, type PacketWriter } from "./packet-codec.ts";
import type { GivenOf, PacketOf, PacketTable } from "./packet-table.ts";

/** All connections at one door share these tables and settings. */
export interface Packets<Heard extends PacketTable, Told extends PacketTable> {
  readonly index: PacketIndex<Heard>;
  readonly writer: PacketWriter<Told>;
  readonly codePage: CodePage;
  /** Ragnarok clients do not introduce themselves, so each connection has this introduction. */
  readonly introduction: Introduction;
}

export interface Patience {
  /** The first packet must arrive within this time after the start of the connection. */
  readonly firstPacketMs: number;
  readonly silentMs: number;
}

/** Ragnarok clients wait about this long for an answer. */
const answerMs = 15_000;
/** Maximum number of requests that have no answer yet. Real clients have fewer. */
const askedMax = 32;
const notesMax = 32;
const nothing: readonly Uint8Array[] = [];

type PacketNamed<T extends PacketTable, N extends keyof T & string> = Extract<
  PacketOf<T>,
  { readonly type: N }
>;

/**
 * The connection of one client. Each door has a subclass with three tables: handlers of packets, handlers of
 * answers, and handlers of events.
 */
export abstract class ClientStream<
  D extends DoorVocabulary,
  Heard extends PacketTable,
  Told extends PacketTable,
> implements DialectStream<D>
{
  protected abstract readonly heard: {
    readonly [N in keyof Heard & string]: (packet: PacketNamed<Heard, N>, nowMs: number) => Incoming<D>[];
  };
  protected abstract readonly answers: {
    readonly [N in CommandName<D>]: (
      answer: AnswerTo<D, N>,
      asked: CommandOf<D, N>,
      nowMs: number,
    ) => Incoming<D>[];
  };
  protected abstract readonly events: {
    readonly [N in EventName<D>]: (event: EventOf<D, N>, nowMs: number) => void;
  };

  readonly introduction: Introduction;
  readonly #reader: PacketReader<Heard>;
  readonly #writer: PacketWriter<Told>;
  readonly #patience: Patience;
  readonly #asked = new Map<number, CommandOf<D>>();
  #askedCount = 0;
  #output: Uint8Array[] = [];
  /** So many packets of the output wait for the next packet. */
  #heldBack = 0;
  #notes: string[] = [];
  #hasSpoken = false;
  #heardMs: number;

  constructor(packets: Packets<Heard, Told>, patience: Patience, nowMs: number) {
    this.introduction = packets.introduction;
    this.#reader = new PacketReader(packets.index, packets.codePage);
    this.#writer = packets.writer;
    this.#patience = patience;
    this.#heardMs = nowMs;
  }

  receive(bytes: Uint8Array, nowMs: number): Incoming<D>[] {
    const { packets, passedOver } = this.#reader.push(bytes);
    if (packets.length + passedOver.length > 0) {
      this.#hasSpoken = true;
      this.#heardMs = nowMs;
    }
    this.#note(passedOver);
    return packets.flatMap((packet) => {
      // The handler takes exactly this packet. TypeScript cannot check that, because the name is known only
      // at run time. The same is true for answers and events.
      const hear = this.heard[packet.type] as (
        this: unknown,
        packet: PacketOf<Heard>,
        nowMs: number,
      ) => Incoming<D>[];
      return hear.call(this, packet, nowMs);
    });
  }

  answer(answerTo: number, answer: AnswerTo<D, CommandName<D>>, nowMs: number): Incoming<D>[] {
    const asked = this.#asked.get(answerTo);
    if (asked === undefined) return [];
    this.#asked.delete(answerTo);
    const take = this.answers[asked.type] as (
      answer: AnswerTo<D, CommandName<D>>,
      asked: CommandOf<D>,
      nowMs: number,
    ) => Incoming<D>[];
    return take.call(this, answer, asked, nowMs);
  }

  event(event: EventOf<D>, nowMs: number): void {
    const tell = this.events[event.type] as (event: EventOf<D>, nowMs: number) => void;
    tell.call(this, event, nowMs);
  }

  tick(nowMs: number): "alive" | "silent" {
    this.#heldBack = 0;
    const { firstPacketMs, silentMs } = this.#patience;
    return nowMs - this.#heardMs >= (this.#hasSpoken ? silentMs : firstPacketMs) ? "silent" : "alive";
  }

  takeOutput(): readonly Uint8Array[] {
    if (this.#output.length === this.#heldBack) return nothing;
    const output = this.#output;
    this.#output = [];
    this.#heldBack = 0;
    return output;
  }

  takeNotes(): readonly string[] {
    const notes = this.#notes;
    this.#notes = [];
    return notes;
  }

  protected ask(command: CommandOf<D>, nowMs: number): Incoming<D>[] {
    if (this.#asked.size >= askedMax) throw new WireError(command.type, "too many at once");
    this.#askedCount += 1;
    this.#asked.set(this.#askedCount, command);
    return [{ command, answerTo: this.#askedCount, expiresMs: nowMs + answerMs }];
  }

  /**
   * Sends a packet together with the next one, because a write costs more than a packet. If no other packet
   * follows, the packet leaves at the next tick.
   */
  protected tellWithNext<N extends keyof Told>(type: N, given: GivenOf<Told, N>): void {
    this.tell(type, given);
    this.#heldBack = this.#output.length;
  }

  protected tell<N extends keyof Told>(type: N, given: GivenOf<Told, N>): void {
    this.#output.push(...this.#writer.write(type, given));
  }

  /** Sends packets that are already encoded. The same bytes can be sent to several clients. */
  protected tellBytes(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#output.push(bytes);
  }

  #note(passedOver: readonly string[]): void {
    for (const name of passedOver.slice(0, notesMax - this.#notes.length))
      this.#notes.push(`passed over ${name}`);
  }
}
