import type {
  AnswerTo,
  CharDoor,
  CommandName,
  CommandOf,
  CommonRefusal,
  DoorVocabulary,
  EventName,
  EventOf,
  LoginDoor,
  MapDoor,
} from "@sallyport/domain";
import { type Heartbeat, Peer, type PeerEvent, type PeerLimits } from "@sallyport/link";
import {
  MessageCodec,
  type MessageName,
  type MessageOf,
  type MessageTable,
  type NoticeOf,
  type RefusalOf,
  type ReplyOf,
  type RequestName,
} from "@sallyport/wire";
import type { Dialect, DialectStream, Incoming, Introduction } from "../dialect.ts";
import { isNativeVersion, nativeVersions } from "./hello.ts";
import {
  charDoorEvents,
  charDoorMessages,
  loginDoorEvents,
  loginDoorMessages,
  mapDoorEvents,
  mapDoorMessages,
} from "./messages.ts";

export const nativeHeartbeat: Heartbeat = { pingMs: 10_000, suspectMs: 30_000, downMs: 45_000 };

/** Commands are short; events may be long, for a map's cells are among them. */
const commandBytesMax = 4_096;
const eventBytesMax = 2 << 20;
const serverLimits: PeerLimits = {
  receiveBytesMax: commandBytesMax,
  sendBytesMax: eventBytesMax,
  requestsHeldMax: 32,
};
/** The same bounds, seen from the client. */
export const nativeClientLimits: PeerLimits = {
  receiveBytesMax: eventBytesMax,
  sendBytesMax: commandBytesMax,
  requestsHeldMax: 0,
};

class NativeStream<D extends DoorVocabulary> implements DialectStream<D> {
  readonly #peer: Peer<MessageTable, MessageTable>;
  #introduction: Introduction | null = null;
  #endsFor: string | null = null;
  /** After the pongs that the peer said by itself, however the bytes were cut. */
  #sayLast: (() => void) | null = null;

  constructor(tables: NativeTables, nowMs: number) {
    const options = { limits: serverLimits, heartbeat: nativeHeartbeat };
    this.#peer = new Peer(tables.events, tables.commands, options, nowMs);
  }

  receive(bytes: Uint8Array, nowMs: number): Incoming<D>[] {
    return this.#peer.receive(bytes, nowMs).flatMap((event) => this.#incoming(event, nowMs));
  }

  get introduction(): Introduction | null {
    return this.#introduction;
  }

  get endsFor(): string | null {
    return this.#endsFor;
  }

  #incoming(event: PeerEvent<MessageTable, MessageTable>, nowMs: number): Incoming<D>[] {
    // The only notice that clients send.
    if (event.type === "notice") this.#meet(event.message as unknown as Introduction, nowMs);
    if (event.type !== "request" || this.#endsFor !== null) return [];
    if (this.#introduction === null) {
      const { requestId } = event;
      // Of the refusals, one that every client knows.
      const answer = { ok: false, refusal: "out-of-order", retryAfterMs: null } as const;
      this.#endFor("asked without saying what it is", () => this.#peer.answer(requestId, answer, nowMs));
      return [];
    }
    return [
      {
        command: event.message as unknown as CommandOf<D>,
        answerTo: event.requestId,
        expiresMs: event.expiresMs,
      },
    ];
  }

  /** Once: what is said later changes nothing. */
  #meet(said: Introduction, nowMs: number): void {
    if (this.#introduction !== null || this.#endsFor !== null) return;
    const { version, dialect, program, programVersion, deviceId, secondLogin } = said;
    this.#introduction = { version, dialect, program, programVersion, deviceId, secondLogin };
    if (isNativeVersion(version)) return;
    const unsupported = { type: "client.unsupported", ...nativeVersions } as NoticeOf<MessageTable>;
    this.#endFor(`speaks version ${version}`, () => this.#peer.notify(unsupported, nowMs));
  }

  #endFor(why: string, sayLast: () => void): void {
    this.#endsFor = why;
    this.#sayLast = sayLast;
  }

  answer(answerTo: number, answer: AnswerTo<D, CommandName<D>>, nowMs: number): Incoming<D>[] {
    if (answer.ok) {
      this.#peer.answer(answerTo, { ok: true, value: answer.value as never }, nowMs);
    } else {
      const retryAfterMs = answer.retryAfterMs ?? null;
      this.#peer.answer(answerTo, { ok: false, refusal: answer.refusal, retryAfterMs }, nowMs);
    }
    return [];
  }

  event(event: EventOf<D>, nowMs: number): void {
    if (event.type === untold) return;
    this.#peer.notify(event as unknown as NoticeOf<MessageTable>, nowMs);
  }

  tick(nowMs: number): "alive" | "silent" {
    return this.#peer.tick(nowMs).some((event) => event.type === "down") ? "silent" : "alive";
  }

  takeOutput(): Uint8Array[] {
    this.#sayLast?.();
    this.#sayLast = null;
    return this.#peer.takeOutput();
  }
}

/** Native clients follow the steps. */
const untold = "actor.walks" satisfies EventName<MapDoor>;

interface NativeTables {
  readonly commands: MessageCodec<MessageTable>;
  readonly events: MessageCodec<MessageTable>;
}

function nativeDialect<D extends DoorVocabulary>(commands: MessageTable, events: MessageTable): Dialect<D> {
  const tables = { commands: new MessageCodec(commands), events: new MessageCodec(events) };
  return { name: "native", secondLogin: "takeover", open: (nowMs) => new NativeStream<D>(tables, nowMs) };
}

export const nativeLoginDoor = nativeDialect<LoginDoor>(loginDoorMessages, loginDoorEvents);
export const nativeCharDoor = nativeDialect<CharDoor>(charDoorMessages, charDoorEvents);
export const nativeMapDoor = nativeDialect<MapDoor>(mapDoorMessages, mapDoorEvents);

/*
 * The native tables are written in the domain's own words, so translating is a cast; these types are what makes
 * the cast true, for they do not compile where a table and the vocabulary part.
 */
export type CommandsFit<D extends DoorVocabulary, T extends MessageTable> = {
  [N in CommandName<D>]: N extends RequestName<T>
    ? MessageOf<T, N> extends CommandOf<D, N>
      ? D["commands"][N]["gives"] extends ReplyOf<T, N>
        ? [D["commands"][N]["refusals"] | CommonRefusal] extends [RefusalOf<T, N>]
          ? true
          : ["refusals differ"]
        : ["replies differ"]
      : ["fields differ"]
    : ["missing"];
};
export type EventsFit<D extends DoorVocabulary, T extends MessageTable> = {
  [N in Exclude<EventName<D>, typeof untold>]: N extends MessageName<T>
    ? EventOf<D, N> extends MessageOf<T, N>
      ? true
      : ["fields differ"]
    : ["missing"];
};
/** Said before there is anything to translate: see `hello.ts`. */
type AheadOfAll = "client.hello" | "client.unsupported";
/** A message that the vocabulary lacks would be read, and then nobody would know what to do with it. */
export type NothingElse<Names extends string, T extends MessageTable> = {
  [N in Exclude<MessageName<T>, AheadOfAll>]: N extends Names ? true : ["not in the vocabulary"];
};
type AllTrue<T extends Record<string, true>> = T;
export type NativeTablesFit = [
  AllTrue<CommandsFit<LoginDoor, typeof loginDoorMessages>>,
  AllTrue<CommandsFit<CharDoor, typeof charDoorMessages>>,
  AllTrue<CommandsFit<MapDoor, typeof mapDoorMessages>>,
  AllTrue<EventsFit<LoginDoor, typeof loginDoorEvents>>,
  AllTrue<EventsFit<CharDoor, typeof charDoorEvents>>,
  AllTrue<EventsFit<MapDoor, typeof mapDoorEvents>>,
  AllTrue<NothingElse<CommandName<LoginDoor>, typeof loginDoorMessages>>,
  AllTrue<NothingElse<CommandName<CharDoor>, typeof charDoorMessages>>,
  AllTrue<NothingElse<CommandName<MapDoor>, typeof mapDoorMessages>>,
  AllTrue<NothingElse<EventName<LoginDoor>, typeof loginDoorEvents>>,
  AllTrue<NothingElse<EventName<CharDoor>, typeof charDoorEvents>>,
  AllTrue<NothingElse<EventName<MapDoor>, typeof mapDoorEvents>>,
];
