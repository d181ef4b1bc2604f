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
import { type Log, type LogLines, MarkedLog } from "./log.ts";
import { answerLabel, type Metrics, noMetrics } from "./metrics.ts";

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
  /** Each line carries the trace, once there is one. */
  readonly log: LogLines;
  /** The id that its lines carry from now on, at this door as at those before and after. */
  follow(trace: string): void;
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
  /** Called when the answer is on its way: what is sent from here on comes after it. */
  answered?(command: CommandOf<D>): void;
  gone(): void;
}

export interface ClientDoorOptions<D extends DoorVocabulary> {
  /** For metrics. */
  readonly door: "login" | "char" | "map";
  readonly metrics?: Metrics;
  readonly clock: Clock;
  readonly log: Log;
  readonly welcome: (client: Client<D>) => Visit<D>;
  readonly clientsMax: number;
  /** Of them, from one address. */
  readonly clientsPerAddressMax?: number;
  /** Unread output beyond this ends the connection. */
  readonly outputBytesMax?: number;
  /** A handler threw: a bug. */
  readonly failed: (error: unknown) => void;
}

const tickMs = 1_000;

/** For metrics: by whose doing a connection ended, or for which fault. */
type EndedBy = "client" | "server" | "silence" | "nonsense" | "not-reading" | "bug";

export class ClientDoor<D extends DoorVocabulary> {
  readonly #options: ClientDoorOptions<D>;
  readonly #clients = new Set<ConnectedClient<D>>();
  readonly #countOf = new Map<string, number>();
  readonly #metrics: Metrics;
  readonly #stopTicking: () => void;
  #isOpen = true;
  /** Not told in the log yet. */
  #turnedAway = 0;

  constructor(options: ClientDoorOptions<D>) {
    this.#options = options;
    this.#metrics = options.metrics ?? noMetrics;
    this.#metrics.watch("clients", { door: options.door }, () => this.#clients.size);
    this.#stopTicking = options.clock.every(tickMs, () => {
      for (const client of this.#clients) client.tick();
      this.#tellTurnedAway();
    });
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  accept(channel: ByteChannel, dialect: Dialect<D>): void {
    const { door } = this.#options;
    const address = addressOf(channel.remote);
    const why = this.#whyNot(address);
    if (why !== null) {
      this.#metrics.count("clientsTurnedAway", { door, why });
      this.#turnedAway += 1;
      channel.destroy();
      return;
    }
    this.#metrics.count("clientsAccepted", { door });
    const count = this.#countOf.get(address) ?? 0;
    this.#countOf.set(address, count + 1);
    const client = new ConnectedClient<D>(channel, address, dialect, this.#options, (by) => {
      this.#metrics.count("clientsEnded", { door, why: by });
      this.#clients.delete(client);
      this.#uncount(address);
    });
    this.#clients.add(client);
  }

  #whyNot(address: string): "stopping" | "full" | "address" | null {
    const { clientsMax, clientsPerAddressMax = clientsMax } = this.#options;
    if (!this.#isOpen) return "stopping";
    if (this.#clients.size >= clientsMax) return "full";
    return (this.#countOf.get(address) ?? 0) >= clientsPerAddressMax ? "address" : null;
  }

  #uncount(address: string): void {
    const left = (this.#countOf.get(address) ?? 1) - 1;
    if (left === 0) this.#countOf.delete(address);
    else this.#countOf.set(address, left);
  }

  /** Once for many: a flood of connections must not become one of log lines. */
  #tellTurnedAway(): void {
    if (this.#turnedAway === 0) return;
    const { door, log } = this.#options;
    log.warn({ door, connections: this.#turnedAway }, "connections turned away");
    this.#turnedAway = 0;
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
  readonly address: string;
  readonly log: LogLines;
  readonly dialect: Dialect<D>;
  readonly #stream: DialectStream<D>;
  readonly #options: ClientDoorOptions<D>;
  readonly #channel: ByteChannel;
  readonly #outlet: Outlet;
  readonly #visit: Visit<D>;
  readonly #removed: (by: EndedBy) => void;
  readonly #queue: Incoming<D>[] = [];
  #isHandling = false;
  #isConnected = true;
  #trace: string | null = null;

  constructor(
    channel: ByteChannel,
    address: string,
    dialect: Dialect<D>,
    options: ClientDoorOptions<D>,
    removed: (by: EndedBy) => void,
  ) {
    this.remote = channel.remote;
    this.address = address;
    this.log = new MarkedLog(options.log, () => ({
      ...(this.#trace !== null && { trace: this.#trace }),
      remote: this.remote,
    }));
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
      () => this.#end("does not read what it is sent", "destroy", "not-reading"),
    );
    this.#visit = options.welcome(this);
    channel.listen({
      bytes: (chunk) => this.#receive(chunk),
      closed: (why) => this.#end(why ?? "closed by the client", "destroy", "client"),
    });
  }

  follow(trace: string): void {
    this.#trace = trace;
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
    this.#end(why, "close", "server");
  }

  tick(): void {
    if (this.#stream.tick(this.#options.clock.nowMs()) === "silent")
      this.#end("silent for too long", "destroy", "silence");
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
      this.#end(`sent nonsense: ${error.message}`, "destroy", "nonsense");
      return;
    }
    this.#outlet.flushSoon();
    if (!this.#isHandling) void this.#handleAll();
  }

  async #handleAll(): Promise<void> {
    this.#isHandling = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        const startedMs = this.#options.clock.nowMs();
        const isLate = startedMs >= next.expiresMs;
        const answer = isLate ? refused("unavailable") : await this.#handle(next.command);
        this.#measure(next.command.type, answerLabel(answer), this.#options.clock.nowMs() - startedMs);
        if (!this.#isConnected) return;
        this.#stream.answer(next.answerTo, answer, this.#options.clock.nowMs());
        this.#visit.answered?.(next.command);
        this.#outlet.flushSoon();
      }
    } catch (error) {
      this.#end("a bug here", "destroy", "bug");
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

  #measure(command: string, answer: string, ms: number): void {
    const { door, metrics = noMetrics } = this.#options;
    metrics.count("commands", { door, command, answer });
    metrics.observe("commandSeconds", { door, command }, ms / 1_000);
    this.log.debug({ command, answer, ms: Math.round(ms) }, "command");
  }

  #end(why: string, how: "close" | "destroy", by: EndedBy): void {
    if (!this.#isConnected) return;
    if (how === "close") this.#outlet.flush();
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#queue.length = 0;
    this.#channel[how]();
    this.#removed(by);
    this.log.debug({ why }, "client disconnected");
    this.#visit.gone();
  }
}
