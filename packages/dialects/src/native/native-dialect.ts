import {
  type AnswerTo,
  type CharDoor,
  type CommandName,
  type CommandOf,
  type CommonRefusal,
  type DoorVocabulary,
  type EventName,
  type EventOf,
  gameBounds,
  type KickReason,
  type LoginDoor,
  type MapDoor,
  type Sprite,
} from "@sallyport/domain";
import { type Heartbeat, noticeFrame, Peer, type PeerEvent, type PeerLimits } from "@sallyport/link";
import {
  encodeFrame,
  encodeFrames,
  type Frame,
  MessageCodec,
  type MessageName,
  type MessageOf,
  type MessageTable,
  type NoticeOf,
  type NoticeRow,
  type RefusalOf,
  type ReplyOf,
  type RequestName,
} from "@sallyport/wire";
import type { Dialect, DialectStream, Incoming, Introduction } from "../dialect.ts";
import { isNativeVersion, nativeVersions, readHello } from "./hello.ts";
import { loginDoorEvents, loginDoorMessages } from "./login-messages.ts";
import { charDoorEvents, charDoorMessages, mapDoorEvents, mapDoorMessages } from "./messages.ts";

export const nativeHeartbeat: Heartbeat = { pingMs: 10_000, suspectMs: 30_000, downMs: 45_000 };

/** Of the login door and the char door. */
export const shortCommandBytesMax = 4_096;
/** The commands of a game can be longer than all others. 1 KiB more than the body is enough for the name. */
const mapCommandBytesMax = gameBounds.bodyBytesMax + 1_024;
/** Answers and events can be long, because some contain the cells of a map. */
const eventBytesMax = 2 << 20;
/** The limits for clients. What a server can send, a client can receive, and vice versa. */
export const nativeClientLimits: PeerLimits = {
  receiveBytesMax: eventBytesMax,
  sendBytesMax: mapCommandBytesMax,
  requestsHeldMax: 0,
};

class NativeStream<D extends DoorVocabulary> implements DialectStream<D> {
  readonly #tables: NativeTables;
  readonly #peer: Peer<MessageTable, MessageTable>;
  #introduction: Introduction | null = null;
  #endsFor: string | null = null;
  /**
   * The last frame before the connection ends. It is sent after all pongs. So the output does not depend on
   * how the input bytes were cut into chunks.
   */
  #last: Uint8Array | null = null;

  constructor(tables: NativeTables, nowMs: number) {
    this.#tables = tables;
    const options = {
      limits: { ...tables.limits, sendBytesMax: eventBytesMax },
      heartbeat: nativeHeartbeat,
      passesOver: (frame: Frame) => this.#passesOver(frame),
    };
    this.#peer = new Peer(tables.events, tables.commands, options, nowMs);
  }

  receive(bytes: Uint8Array, nowMs: number): Incoming<D>[] {
    return this.#peer.receive(bytes, nowMs).flatMap((event) => this.#incoming(event));
  }

  get introduction(): Introduction | null {
    return this.#introduction;
  }

  get endsFor(): string | null {
    return this.#endsFor;
  }

  /**
   * Returns true for frames that `Peer` must not read: the hello, requests before the hello, and all frames
   * after the end. A request before the hello can belong to a different version.
   */
  #passesOver({ kind, correlationId, body }: Frame): boolean {
    if (this.#endsFor !== null) return true;
    if (this.#introduction !== null) return false;
    if (kind === "notice") {
      this.#meet(readHello(body));
      return true;
    }
    if (kind !== "request" || correlationId === 0) return false;
    // Clients of every version understand this refusal.
    const refusal = { refusal: "out-of-order", retryAfterMs: null };
    this.#endFor(
      "asked without saying what it is",
      encodeFrame("refusal", correlationId, this.#tables.commands.encodeRefusal(refusal)),
    );
    return true;
  }

  #meet(said: Introduction): void {
    this.#introduction = said;
    if (isNativeVersion(said.version)) return;
    const unsupported = { type: "client.unsupported", ...nativeVersions } as NoticeOf<MessageTable>;
    this.#endFor(
      `speaks version ${said.version}`,
      encodeFrames([noticeFrame(this.#tables.events, unsupported)]),
    );
  }

  #endFor(why: string, last: Uint8Array): void {
    this.#endsFor = why;
    this.#last = last;
  }

  #incoming(event: PeerEvent<MessageTable, MessageTable>): Incoming<D>[] {
    if (event.type !== "request") return [];
    const { requestId, message, expiresMs } = event;
    return [{ command: message as unknown as CommandOf<D>, answerTo: requestId, expiresMs }];
  }

  answer(answerTo: number, answer: AnswerTo<D, CommandName<D>>, nowMs: number): Incoming<D>[] {
    if (answer.ok) {
      this.#peer.answer(answerTo, { ok: true, value: answer.value as never }, nowMs);
    } else {
      const refusal = this.#known(answer.refusal);
      this.#peer.answer(answerTo, { ...answer, refusal, retryAfterMs: answer.retryAfterMs ?? null }, nowMs);
    }
    return [];
  }

  get #version(): number {
    return this.#introduction?.version ?? nativeVersions.oldest;
  }

  /** A client of an older version would take a newer refusal of an older request for nonsense. */
  #known(refusal: string): string {
    const newer = Object.hasOwn(newerRefusals, refusal) ? newerRefusals[refusal] : undefined;
    return newer === undefined || newer.since <= this.#version ? refusal : newer.instead;
  }

  event(event: EventOf<D>, nowMs: number): void {
    if (event.type === untold) return;
    const { events, frames } = this.#tables;
    // A client of an older version would take the event for nonsense.
    const { since = 1 } = events.row(event.type) as NoticeRow;
    if (since > this.#version) return;
    const isUnknown = "reason" in event && newerReasons.has(event.reason) && this.#version < reasonsSince;
    const told = isUnknown ? { ...event, reason: "lock-lost" } : event;
    let frame = frames.get(told);
    if (frame === undefined) {
      frame = noticeFrame(
        events,
        fieldsOf(told as { readonly looks?: Sprite }) as unknown as NoticeOf<MessageTable>,
      );
      frames.set(told, frame);
    }
    this.#peer.notifyEncoded(frame, nowMs);
  }

  tick(nowMs: number): "alive" | "silent" {
    return this.#peer.tick(nowMs).some((event) => event.type === "down") ? "silent" : "alive";
  }

  takeOutput(): readonly Uint8Array[] {
    const output = this.#peer.takeOutput();
    const last = this.#last;
    this.#last = null;
    return last === null ? output : [...output, last];
  }
}

const newerRefusals: {
  readonly [refusal: string]: { readonly since: number; readonly instead: string };
} = {
  "state-invalid": { since: 2, instead: "map-unavailable" },
  failed: { since: 2, instead: "unavailable" },
  "email-unconfirmed": { since: 3, instead: "wrong-name-or-password" },
  "email-invalid": { since: 3, instead: "name-invalid" },
  "email-taken": { since: 3, instead: "name-taken" },
  "invitation-invalid": { since: 3, instead: "registration-closed" },
  "version-unsupported": { since: 3, instead: "out-of-order" },
  "too-many-attempts": { since: 3, instead: "busy" },
  "too-many-accounts": { since: 3, instead: "registration-closed" },
  "address-banned": { since: 3, instead: "busy" },
  "device-banned": { since: 3, instead: "busy" },
  muted: { since: 3, instead: "text-invalid" },
};

/** Clients that speak an older version than `reasonsSince` know none of these reasons. */
const newerReasons: ReadonlySet<unknown> = new Set<KickReason>(["banned", "kicked", "credential-changed"]);
const reasonsSince = 3;

/** Native clients do not get this event, because they get an event for each step of a walk. */
const untold = "actor.walks" satisfies EventName<MapDoor>;

/** Of the looks of an actor, native clients get only the number of the picture. */
const fieldsOf = (event: { readonly looks?: Sprite }): object =>
  event.looks === undefined ? event : { ...event, class: event.looks.class ?? 0 };

interface NativeTables {
  readonly commands: MessageCodec<MessageTable>;
  readonly events: MessageCodec<MessageTable>;
  /** The frame of each event. It is the same for all connections. */
  readonly frames: WeakMap<object, Frame>;
  readonly limits: Pick<PeerLimits, "receiveBytesMax" | "requestsHeldMax">;
}

function nativeDialect<D extends DoorVocabulary>(
  commands: MessageTable,
  events: MessageTable,
  receiveBytesMax = shortCommandBytesMax,
): Dialect<D> {
  const tables = {
    limits: { receiveBytesMax, requestsHeldMax: 32 },
    ...{ commands: new MessageCodec(commands), events: new MessageCodec(events) },
    frames: new WeakMap<object, Frame>(),
  };
  return {
    name: "native",
    secondLogin: "takeover",
    reportsPositions: true,
    open: (nowMs) => new NativeStream<D>(tables, nowMs),
  };
}

export const nativeLoginDoor = nativeDialect<LoginDoor>(loginDoorMessages, loginDoorEvents);
export const nativeCharDoor = nativeDialect<CharDoor>(charDoorMessages, charDoorEvents);
export const nativeMapDoor = nativeDialect<MapDoor>(mapDoorMessages, mapDoorEvents, mapCommandBytesMax);

/**
 * The native tables use the names of the domain, so the translation is only a cast. These types make the cast
 * safe: they do not compile if a table and the domain differ.
 */
export type CommandsFit<D extends DoorVocabulary, T extends MessageTable> = {
  [N in Exclude<CommandName<D>, Unasked | OfOtherDialect>]: N extends RequestName<T>
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
    ? EventOf<D, N> extends Omit<MessageOf<T, N>, Added<N>>
      ? true
      : ["fields differ"]
    : ["missing"];
};
/** `fieldsOf` adds this field. */
type Added<N> = N extends "actor.appeared" ? "class" : never;
/**
 * Native clients do not need these commands. They get all actors in view, with their names, without a
 * request.
 */
type Unasked = "map.look" | "map.name";
/** A native client logs in first, and then asks for a token without its password. */
type OfOtherDialect = "login.token.password";
/** These messages are not translated: see `hello.ts`. */
type AheadOfAll = "client.hello" | "client.unsupported";
/** Finds messages that are in a table but not in the domain. No handler could handle such a message. */
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
