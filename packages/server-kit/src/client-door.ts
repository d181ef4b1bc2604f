import {
  type AnswerTo,
  type CommandName,
  type CommandOf,
  type DoorVocabulary,
  type EventOf,
  refused,
} from "@sallyport/domain";
import type { Dialect, DialectStream, Incoming } from "@sallyport/dialects";
import { type ByteChannel, type Clock, Outlet } from "@sallyport/link";
import { WireError } from "@sallyport/wire";
import { addressOf } from "./client-address.ts";
import type { Log } from "./log.ts";

/*
 * Where clients come in, whatever they speak. A client's commands are handled one after the other, in order. What a
 * client does to be thrown out (nonsense, silence, not reading) ends its own connection and nobody else's.
 */

/** A connected client, as a server sees it. */
export interface Client<D extends DoorVocabulary> {
  readonly remote: string;
  readonly dialect: Dialect<D>;
  /** By which it is counted: see `addressOf`. */
  readonly address: string;
  readonly isConnected: boolean;
  send(event: EventOf<D>): void;
  /** What was sent before still arrives. */
  disconnect(why: string): void;
}

/** What a server does for one client: made when it connects, told when it is gone. */
export interface Visit<D extends DoorVocabulary> {
  readonly handlers: {
    readonly [N in CommandName<D>]: (command: CommandOf<D, N>) => Promise<AnswerTo<D, N>>;
  };
  /** Called as a command arrives, while earlier ones may still be under way. */
  arrived?(command: CommandOf<D>): void;
  gone(): void;
}

export interface ClientDoorOptions<D extends DoorVocabulary> {
  readonly clock: Clock;
  readonly log: Log;
  readonly welcome: (client: Client<D>) => Visit<D>;
  readonly clientsMax: number;
  /** Unread output beyond this ends the connection. */
  readonly outputBytesMax?: number;
  /** A handler threw: a bug. */
  readonly failed: (error: unknown) => void;
}

const tickMs = 1_000;

export class ClientDoor<D extends DoorVocabulary> {
  readonly #options: ClientDoorOptions<D>;
  readonly #clients = new Set<ConnectedClient<D>>();
  readonly #stopTicking: () => void;
  #isOpen = true;

  constructor(options: ClientDoorOptions<D>) {
    this.#options = options;
    this.#stopTicking = options.clock.every(tickMs, () => {
      for (const client of this.#clients) client.tick();
    });
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  accept(channel: ByteChannel, dialect: Dialect<D>): void {
    if (!this.#isOpen || this.#clients.size >= this.#options.clientsMax) {
      this.#options.log.warn({ remote: channel.remote }, this.#isOpen ? "too many clients" : "stopping");
      channel.destroy();
      return;
    }
    const client = new ConnectedClient<D>(channel, dialect, this.#options, () =>
      this.#clients.delete(client),
    );
    this.#clients.add(client);
  }

  /** Lets nobody else in; those inside stay. */
  close(): void {
    this.#isOpen = false;
  }

  /** Ends every connection; what was sent before still arrives. */
  stop(why: string): void {
    this.close();
    this.#stopTicking();
    for (const client of [...this.#clients]) client.disconnect(why);
  }
}

class ConnectedClient<D extends DoorVocabulary> implements Client<D> {
  readonly remote: string;
  readonly dialect: Dialect<D>;
  readonly #stream: DialectStream<D>;
  readonly #options: ClientDoorOptions<D>;
  readonly #channel: ByteChannel;
  readonly #outlet: Outlet;
  readonly #visit: Visit<D>;
  readonly #removed: () => void;
  readonly #queue: Incoming<D>[] = [];
  #isHandling = false;
  #isConnected = true;

  constructor(channel: ByteChannel, dialect: Dialect<D>, options: ClientDoorOptions<D>, removed: () => void) {
    this.remote = channel.remote;
    this.#channel = channel;
    this.dialect = dialect;
    const stream = dialect.open(options.clock.nowMs());
    this.#stream = stream;
    this.#options = options;
    this.#removed = removed;
    this.#outlet = new Outlet(
      channel,
      () => stream.takeOutput(),
      options.outputBytesMax ?? 4 << 20,
      () => this.#end("does not read what it is sent", "destroy"),
    );
    this.#visit = options.welcome(this);
    channel.listen({
      bytes: (chunk) => this.#receive(chunk),
      closed: (why) => this.#end(why ?? "closed by the client", "destroy"),
    });
  }

  get address(): string {
    return addressOf(this.remote);
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  send(event: EventOf<D>): void {
    if (!this.#isConnected) return;
    this.#stream.event(event, this.#options.clock.nowMs());
    this.#outlet.flushSoon();
  }

  disconnect(why: string): void {
    this.#end(why, "close");
  }

  tick(): void {
    if (this.#stream.tick(this.#options.clock.nowMs()) === "silent")
      this.#end("silent for too long", "destroy");
    else this.#outlet.flushSoon();
  }

  #receive(chunk: Uint8Array): void {
    if (!this.#isConnected) return;
    try {
      for (const incoming of this.#stream.receive(chunk, this.#options.clock.nowMs())) {
        this.#queue.push(incoming);
        this.#visit.arrived?.(incoming.command);
        if (!this.#isConnected) return;
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#end(`sent nonsense: ${error.message}`, "destroy");
      return;
    }
    this.#outlet.flushSoon();
    if (!this.#isHandling) void this.#handleAll();
  }

  async #handleAll(): Promise<void> {
    this.#isHandling = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        const isLate = this.#options.clock.nowMs() >= next.expiresMs;
        const answer = isLate ? refused("unavailable") : await this.#handle(next.command);
        if (!this.#isConnected) return;
        this.#stream.answer(next.answerTo, answer, this.#options.clock.nowMs());
        this.#outlet.flushSoon();
      }
    } catch (error) {
      this.#end("a bug here", "destroy");
      this.#options.failed(error);
    } finally {
      this.#isHandling = false;
    }
  }

  #handle(command: CommandOf<D>): Promise<AnswerTo<D, CommandName<D>>> {
    // The visit types each handler for its own command; looking one up by a name known late loses that.
    const handle = this.#visit.handlers[command.type as CommandName<D>] as (
      command: CommandOf<D>,
    ) => Promise<AnswerTo<D, CommandName<D>>>;
    return handle(command);
  }

  #end(why: string, how: "close" | "destroy"): void {
    if (!this.#isConnected) return;
    if (how === "close") this.#outlet.flush();
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#queue.length = 0;
    this.#channel[how]();
    this.#removed();
    this.#options.log.debug({ remote: this.remote, why }, "client disconnected");
    this.#visit.gone();
  }
}
