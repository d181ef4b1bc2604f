import type { Clock } from "@sallyport/clock";
import type { Introduction } from "@sallyport/dialects";
import { nativeClientLimits, nativeHeartbeat, plainIntroduction } from "@sallyport/dialects/native";
import { type Kick, type Outcome, refused } from "@sallyport/domain";
import {
  type ByteChannel,
  type CloseReason,
  describeClose,
  type Handlers,
  Link,
  type LinkLimits,
} from "@sallyport/link";
import {
  type MessageCodec,
  type MessageOf,
  type MessageTable,
  type NoticeOf,
  packValues,
  parseValues,
  type RefusalOf,
  type ReplyOf,
  type RequestName,
  WireError,
} from "@sallyport/wire";
import type { Explained } from "./bans.ts";
import { EventStream } from "./event-stream.ts";
import type { EndReason, LostAnswer } from "./refusals.ts";

/*
 * One connection to one server. It sends requests and passes events to listeners. `Client` decides to which
 * server to connect next.
 */

/** The address of a server. WebSocket transports use `wsUrl`, others use `host` and `port`. */
export interface DoorAddress {
  readonly host: string;
  readonly port: number;
  /** Null or absent if the server does not accept WebSocket connections. */
  readonly wsUrl?: string | null;
}

export type DoorName = "login" | "char" | "map";

/** Opens a connection to the server behind `door`. Rejects if nothing answers within `withinMs`. */
export type Connect = (address: DoorAddress, withinMs: number, door: DoorName) => Promise<ByteChannel>;

/** How long calls wait, in milliseconds. */
export interface Bounds {
  readonly connectMs: number;
  /** The wait for an answer. A call may end up to a quarter of a heartbeat later. */
  readonly answerMs: number;
}
export const defaultBounds: Bounds = { connectMs: 5_000, answerMs: 20_000 };

export interface ChannelOptions {
  readonly clock: Clock;
  readonly bounds: Bounds;
  /** Sent before the first request. */
  readonly introduction?: Introduction;
  /** Called when the connection ends. Calls that were waiting on it return after this callback. */
  readonly onEnd?: (end: ConnectionEnd) => void;
  /** Called before `unreachable` is returned. `why` is a description for the log. */
  readonly onUnreachable?: (why: string) => void;
}

export interface ConnectionOptions extends ChannelOptions {
  readonly connect: Connect;
}

/** A kick can have an end and a text: see `Explained`. */
export interface ConnectionEnd extends Explained {
  readonly reason: EndReason;
  readonly cause: CloseReason["type"];
  /** A description for the log. */
  readonly detail: string;
}

export interface DoorTables<Commands extends MessageTable, Events extends MessageTable> {
  readonly commands: MessageCodec<Commands>;
  readonly events: MessageCodec<Events>;
}

/**
 * The events that listeners get. `client.unsupported` is not one of them: it ends the connection with the
 * reason `version-unsupported`.
 */
export type ToldOf<Events extends MessageTable> = Exclude<NoticeOf<Events>, { type: "client.unsupported" }>;

// A client sends little. If more output than this waits to be sent, the server has stopped reading.
const limits: LinkLimits = { ...nativeClientLimits, outputBytesMax: 1 << 20, requestsPauseAt: 1 };

/** An open connection to one server. Most programs use `Client` instead. */
export class DoorConnection<Commands extends MessageTable, Events extends MessageTable> {
  /** Resolves when the connection has ended, whichever side ended it. */
  readonly closed: Promise<ConnectionEnd>;
  readonly #link: Link<Commands, Events>;
  readonly #commands: MessageCodec<Commands>;
  readonly #channel: ByteChannel;
  readonly #answerMs: number;
  readonly #introduction: Introduction;
  readonly #events = new EventStream<ToldOf<Events>>();
  #kick: Kick | null = null;
  #hasSaidHello = false;
  #isUnsupported = false;

  constructor(
    channel: ByteChannel,
    tables: DoorTables<Commands, Events>,
    { clock, bounds, introduction = plainIntroduction, onEnd }: ChannelOptions,
  ) {
    this.#introduction = introduction;
    this.#channel = channel;
    this.#commands = tables.commands;
    this.#answerMs = bounds.answerMs;
    let settle: (end: ConnectionEnd) => void = () => {};
    this.closed = new Promise((resolve) => {
      settle = resolve;
    });
    this.#link = new Link({
      channel,
      clock,
      sends: tables.commands,
      receives: tables.events,
      handlers: this.#handlers(tables.events.table),
      limits,
      heartbeat: nativeHeartbeat,
      events: {
        closed: (reason) => {
          const end = this.#end(reason);
          onEnd?.(end);
          settle(end);
        },
      },
    });
  }

  get remote(): string {
    return this.#link.remote;
  }

  get isOpen(): boolean {
    return this.#link.isOpen;
  }

  /** What the server told the client when it put it out. Null: it did not. */
  get kick(): Kick | null {
    return this.#kick;
  }

  /**
   * Calls the listener for each event. The first listener also gets the events that arrived before it was
   * added. Returns a function that removes the listener.
   */
  on(listener: (event: ToldOf<Events>) => void): () => void {
    return this.#events.on(listener);
  }

  /**
   * Sends a request and waits for the answer, for at most `withinMs`. Never rejects because of a server or
   * the network.
   */
  async ask<N extends RequestName<Commands>>(
    message: { readonly type: N } & MessageOf<Commands, N>,
    withinMs: number = this.#answerMs,
  ): Promise<Outcome<ReplyOf<Commands, N>, RefusalOf<Commands, N> | LostAnswer | "not-sendable">> {
    if (!this.isOpen) return refused(this.#whyLost);
    if (!this.#isSendable(message)) return refused("not-sendable");
    this.#sayHello();
    const answer = await this.#link.ask<N>(message, Math.ceil(withinMs));
    if (!answer.ok && answer.refusal === "unanswered" && !this.isOpen) return refused(this.#whyLost);
    return answer;
  }

  get #whyLost(): "version-unsupported" | "disconnected" {
    return this.#isUnsupported ? "version-unsupported" : "disconnected";
  }

  /** The hello is sent together with the first request, so it costs no round trip. */
  #sayHello(): void {
    if (this.#hasSaidHello) return;
    this.#hasSaidHello = true;
    this.#link.notify({ type: "client.hello", ...this.#introduction } as unknown as NoticeOf<Commands>);
  }

  /** Closes the connection after all data has been sent. */
  close(): void {
    this.#link.close("left");
  }

  /** Drops the connection at once, like a network failure. */
  destroy(): void {
    this.#channel.destroy();
    this.#link.close("cut");
  }

  /**
   * Checks the length of the fields first: the server would disconnect the client because of a field that is
   * too long.
   */
  #isSendable(message: MessageOf<Commands>): boolean {
    const { fields } = this.#commands.row(message.type);
    try {
      parseValues(fields, packValues(fields, message), message.type);
      return this.#commands.encode(message, 0).length <= limits.sendBytesMax - headroomBytes;
    } catch (error) {
      if (error instanceof WireError) return false;
      throw error;
    }
  }

  #handlers(events: Events): Handlers<Events> {
    const entries = Object.keys(events).map((name) => [name, (event: NoticeOf<Events>) => this.#hear(event)]);
    // Every row of an event table is a notice, so this object has a handler for each row.
    return Object.fromEntries(entries) as Handlers<Events>;
  }

  #hear(event: NoticeOf<Events>): void {
    if (isUnsupported(event)) {
      this.#isUnsupported = true;
      return this.#link.close(`the door speaks versions ${event.oldest} to ${event.newest}`);
    }
    if (isKick(event)) this.#kick = event;
    this.#events.emit(event as ToldOf<Events>);
    // No message follows a kick, so the client closes the connection at once. Otherwise it would need a time
    // limit for the wait until the server closes.
    if (this.#kick !== null) this.#link.close("kicked");
  }

  #end(reason: CloseReason): ConnectionEnd {
    const own = reason.type === "closed-here" ? "left" : "disconnected";
    const { reason: told = own, untilMs = null, text = null } = this.#kick ?? {};
    const why = this.#isUnsupported ? "version-unsupported" : told;
    return { reason: why, untilMs, text, cause: reason.type, detail: describeClose(reason) };
  }
}

/** Bytes for the header of the frame and the time to live. */
const headroomBytes = 32;

function isKick(event: { readonly type: string }): event is { type: "client.kicked" } & Kick {
  return event.type === "client.kicked";
}

function isUnsupported(event: {
  readonly type: string;
}): event is { type: "client.unsupported"; oldest: number; newest: number } {
  return event.type === "client.unsupported";
}

/** Connects to a server. Always settles, even if the transport does not. */
export async function reach<Connection>(
  door: DoorName,
  address: DoorAddress,
  { connect, clock, bounds, onUnreachable = () => {} }: ConnectionOptions,
  open: (channel: ByteChannel) => Connection,
): Promise<Outcome<Connection, "unreachable">> {
  return new Promise((resolve) => {
    let waiting = true;
    const settle = (outcome: Outcome<Connection, "unreachable">): void => {
      waiting = false;
      stopWaiting();
      resolve(outcome);
    };
    // A transport may ignore `connectMs`.
    const stopWaiting = clock.after(bounds.connectMs + 500, () => fail("the transport did not settle"));
    const fail = (why: string): void => {
      if (!waiting) return;
      onUnreachable(why);
      settle(refused("unreachable"));
    };
    const connected = (async () => connect(address, bounds.connectMs, door))();
    connected.then(
      (channel) => {
        if (waiting) settle({ ok: true, value: open(channel) });
        else channel.destroy();
      },
      (error) => fail(error instanceof Error ? error.message : String(error)),
    );
  });
}
