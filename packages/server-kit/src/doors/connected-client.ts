import type { Dialect, DialectStream, Incoming, Introduction } from "@sallyport/dialects";
import {
  type AnswerTo,
  type CommandName,
  type CommandOf,
  type DoorVocabulary,
  type EventOf,
} from "@sallyport/domain";
import { type ByteChannel, Outlet, type Transport } from "@sallyport/link";
import type { Newcomers } from "@sallyport/link/addresses";
import { WireError } from "@sallyport/wire";
import type { Host } from "../running/host.ts";
import { orUnavailable, unavailable } from "../running/unavailable.ts";
import { type LogLines, MarkedLog } from "../telemetry/log.ts";
import { answerLabel } from "../telemetry/metrics.ts";
import { type BanList, kickOfBan } from "./ban-list.ts";
import {
  answersWithinMs,
  type Client,
  closesWithinMs,
  type EndedBy,
  lingersMs,
  type Visit,
} from "./client.ts";
import type { ClientBounds } from "./client-bounds.ts";
import { ReadingPace } from "./reading-pace.ts";
import type { DoorName } from "./refusals.ts";

interface ConnectedClientOptions<D extends DoorVocabulary> {
  readonly channel: ByteChannel;
  readonly address: string;
  readonly dialect: Dialect<D>;
  readonly door: DoorName;
  readonly bounds: ClientBounds;
  readonly newcomers: Newcomers;
  readonly bans: BanList | null;
  readonly welcome: (client: Client<D>) => Visit<D>;
  readonly removed: (by: EndedBy, why: string) => void;
}

export class ConnectedClient<D extends DoorVocabulary> implements Client<D> {
  readonly remote: string;
  readonly address: string;
  readonly log: LogLines;
  readonly dialect: Dialect<D>;
  readonly carried: { readonly transport: Transport; readonly dialect: string };
  readonly #stream: DialectStream<D>;
  readonly #host: Host;
  readonly #options: ConnectedClientOptions<D>;
  readonly #outlet: Outlet;
  readonly #visit: Visit<D>;
  readonly #queue: Incoming<D>[] = [];
  readonly #pace: ReadingPace;
  /** Stops the timer for the first command. It is null after that command, or when the client is gone. */
  #probation: (() => void) | null;
  #isHandling = false;
  #isConnected = true;
  #hasSaidCommand = false;
  /** The client sends nothing more. */
  #hasFinished = false;
  #trace: string | null = null;
  /** The time at which the door closes the connection. It is infinite until the visit is over. */
  #leavesByMs = Number.POSITIVE_INFINITY;

  constructor(host: Host, options: ConnectedClientOptions<D>) {
    const { channel, dialect, bounds } = options;
    const { clock } = host;
    this.#host = host;
    this.#options = options;
    this.remote = channel.remote;
    this.address = options.address;
    this.log = new MarkedLog(host.log, () => ({
      ...(this.#trace !== null && { trace: this.#trace }),
      remote: this.remote,
    }));
    this.dialect = dialect;
    this.carried = { transport: channel.transport, dialect: dialect.name };
    const stream = dialect.open(clock.nowMs());
    this.#stream = stream;
    this.#outlet = new Outlet(
      channel,
      () => stream.takeOutput(),
      bounds.outputBytesMax,
      () => this.#endStuck(),
      stream.isWrittenApart !== true,
    );
    this.#pace = new ReadingPace({
      channel,
      outlet: this.#outlet,
      clock,
      bounds,
      stuck: () => this.#endStuck(),
      tooFast: () => this.#end("sent faster than allowed for too long", "destroy", "too-fast"),
    });
    this.#probation = options.newcomers.begin(options.address, (why, bound) =>
      this.#end(`no command: ${why}`, "destroy", bound === "late" ? "no-command" : bound),
    );
    this.#visit = options.welcome(this);
    channel.listen({
      bytes: (chunk) => this.#receive(chunk),
      closed: (why) => this.#end(why ?? "closed by the client", "destroy", why ? this.#nonsense() : "client"),
      ...(dialect.afterLastByte !== undefined && { finished: () => this.#finished() }),
    });
  }

  follow(trace: string): void {
    this.#trace = trace;
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  get introduction(): Introduction | null {
    return this.#stream.introduction;
  }

  send(event: EventOf<D>): void {
    if (!this.#isConnected) return;
    this.show(event);
    this.#outlet.flushSoon();
  }

  show(event: EventOf<D>): void {
    if (this.#isConnected) this.#stream.event(event, this.#host.clock.nowMs());
  }

  get unreadBytes(): number {
    return this.#options.channel.bufferedBytes();
  }

  flush(): void {
    if (this.#isConnected) this.#outlet.flush();
  }

  disconnect(why: string): void {
    this.#end(why, "close", "server");
  }

  /** Makes the client leave if its address or its device is banned. */
  putOutIfBanned(): void {
    const { bans } = this.#options;
    const device = this.introduction?.deviceId ?? null;
    const ban = bans?.ofAddress(this.remote) ?? bans?.ofDevice(device) ?? null;
    if (ban === null) return;
    const kick = kickOfBan(ban);
    this.log.info({ reason: kick.reason, ban: ban.id }, "put out by a ban");
    if (this.#visit.putOut !== undefined) return this.#visit.putOut(kick);
    // Every door has this event.
    this.send({ type: "client.kicked", ...kick } as unknown as EventOf<D>);
    this.disconnect(`kicked: ${kick.reason}`);
  }

  tick(): void {
    const nowMs = this.#host.clock.nowMs();
    if (this.#stream.tick(nowMs) === "silent") this.#end("silent for too long", "destroy", "silence");
    else if (nowMs >= this.#leavesByMs) {
      if (this.#hasFinished) this.#end("closed by the client", "close", "client");
      else this.disconnect("did not close the connection after its last answer");
    } else {
      this.#pace.tick();
      this.flush();
    }
  }

  #receive(chunk: Uint8Array): void {
    if (!this.#isConnected) return;
    let commands = 0;
    try {
      for (const incoming of this.#stream.receive(chunk, this.#host.clock.nowMs())) {
        commands += 1;
        // The login door answers with a refusal, which says more.
        if (!this.#hasSaidCommand && this.#options.door !== "login") this.putOutIfBanned();
        if (!this.#isConnected) return;
        this.#hasSaidCommand = true;
        this.#queue.push(incoming);
        this.#visit.arrived?.(incoming.command);
        if (!this.#isConnected) return;
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#end(`sent nonsense: ${error.message}`, "destroy", this.#nonsense());
      return;
    }
    const endsFor = this.#stream.endsFor ?? null;
    if (endsFor !== null) return this.#end(endsFor, "close", "version");
    for (const note of this.#stream.takeNotes?.() ?? [])
      this.log.debug({ note }, "the dialect noted something unusual");
    // A dialect can answer a request that is no command.
    if (commands === 0 && this.#stream.isFinished === true)
      return this.#end("all was said", "close", "server");
    this.#outlet.flushSoon();
    if (commands > 0) this.#endProbation();
    this.#pace.received(chunk.length, commands);
    if (!this.#isHandling) void this.#handleAll();
  }

  #finished(): void {
    this.#hasFinished = true;
    if (this.#isHandling) this.#leavesWithin(answersWithinMs);
    else this.#allCarriedOut();
  }

  /** A client that reads on still gets events for a while. Any other client is gone. */
  #allCarriedOut(): void {
    if (this.dialect.afterLastByte === "reads-on") this.#leavesWithin(lingersMs);
    else this.#end("closed by the client", "close", "client");
  }

  #leavesWithin(ms: number): void {
    this.#leavesByMs = Math.min(this.#leavesByMs, this.#host.clock.nowMs() + ms);
  }

  async #handleAll(): Promise<void> {
    this.#isHandling = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        const turn = this.#pace.turn();
        if (turn !== null) await turn;
        // Commands that follow from an answer need no turn of their own.
        let due = [next];
        for (let first = due.shift(); first !== undefined && this.#isConnected; first = due.shift())
          due = [...(await this.#carryOut(first)), ...due];
        if (!this.#isConnected) return;
      }
      if (this.#hasFinished) this.#allCarriedOut();
    } catch (error) {
      this.#end("a bug here", "destroy", "bug");
      this.#host.failed(error);
    } finally {
      this.#isHandling = false;
    }
  }

  /** Returns the commands that follow from the answer. */
  async #carryOut({ command, answerTo, expiresMs }: Incoming<D>): Promise<Incoming<D>[]> {
    const startedMs = this.#host.clock.nowMs();
    const isLate = startedMs >= expiresMs;
    const answer = isLate ? unavailable() : await orUnavailable(this.log, () => this.#handle(command));
    this.#measure(command.type, answerLabel(answer), this.#host.clock.nowMs() - startedMs);
    if (!this.#isConnected) return [];
    const following = this.#stream.answer(answerTo, answer, this.#host.clock.nowMs());
    this.#visit.answered?.(command);
    if (this.#stream.isFinished === true) this.#end("all was said", "close", "server");
    else {
      if (this.#visit.isOver?.() === true) this.#leavesWithin(closesWithinMs);
      this.#outlet.flushSoon();
    }
    return following;
  }

  #handle(command: CommandOf<D>): Promise<AnswerTo<D, CommandName<D>>> {
    // The cast is needed because the compiler does not know that this handler belongs to this command.
    const handle = this.#visit.handlers[command.type as CommandName<D>] as (
      command: CommandOf<D>,
    ) => Promise<AnswerTo<D, CommandName<D>>>;
    return handle(command);
  }

  #measure(command: string, answer: string, ms: number): void {
    const { door } = this.#options;
    const { metrics } = this.#host;
    metrics.count("commands", { door, command, answer, ...this.carried });
    metrics.observe("commandSeconds", { door, command, ...this.carried }, ms / 1_000);
    this.log.debug({ command, answer, ms: Math.round(ms) }, "command answered");
  }

  #endProbation(): void {
    this.#probation?.();
    this.#probation = null;
  }

  #nonsense(): "nonsense" | "first-bytes" {
    return this.#hasSaidCommand ? "nonsense" : "first-bytes";
  }

  #endStuck(): void {
    this.#end("does not read the data sent to it", "destroy", "not-reading");
  }

  #end(why: string, how: "close" | "destroy", by: EndedBy): void {
    if (!this.#isConnected) return;
    if (how === "close") this.#outlet.flush();
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#endProbation();
    this.#pace.stop();
    this.#queue.length = 0;
    this.#options.channel[how]();
    this.#options.removed(by, why);
    this.log.debug({ why }, "client disconnected");
    this.#visit.gone();
  }
}
