import { Unavailable } from "@sallyport/domain";
import type { ByteChannel } from "@sallyport/link";
import type { Newcomers } from "@sallyport/link/addresses";
import type { Host } from "@sallyport/server-kit";
import { WireError } from "@sallyport/wire";
import { Flow } from "./flow.ts";
import { joined, type Peek, type PeekOn, peekBytesMax } from "./peek.ts";
import type { Route } from "./route.ts";

/** The side that ended a connection, or the fault that made the gateway end the connection. */
export type EndedBy =
  | "client"
  | "server"
  | "server-gone"
  | "no-command"
  | "newcomers"
  | "newcomers-of-address"
  | "first-bytes"
  | "nonsense"
  | "not-reading"
  | "no-server"
  | "unavailable"
  | "stopping";

/** For these reasons, the gateway closes a connection at once and sends no more bytes to the client. */
const cutOff: ReadonlySet<EndedBy> = new Set([
  ...(["no-command", "newcomers", "newcomers-of-address"] as const),
  ...(["first-bytes", "nonsense", "not-reading"] as const),
] satisfies EndedBy[]);

export interface JoinOptions {
  readonly peek: Peek;
  readonly newcomers: Newcomers;
  /** The address under which the client is counted. */
  readonly address: string;
  readonly waitingBytesMax: number;
  /**
   * Looks for a server and connects to it. Stops the search when `isWanted` returns false. Resolves to null
   * if there is no server for the client. Rejects with `Unavailable`.
   */
  readonly find: (accountId: number | null, isWanted: () => boolean) => Promise<Found | null>;
  readonly ended: (by: EndedBy, why: string) => void;
  /** The client calls this after `ended`, when both of its connections are closed. */
  readonly closed: () => void;
}

export interface Found {
  readonly channel: ByteChannel;
  readonly route: Route;
}

/**
 * One client of the gateway. The gateway keeps the first bytes of the client until they show which server the
 * client needs. The gateway then connects the client to that server, and passes the first bytes and all later
 * bytes on unchanged. During the search for the server, the gateway reads nothing from the client.
 */
export class JoinedClient {
  readonly #host: Host;
  readonly #client: ByteChannel;
  readonly #options: JoinOptions;
  readonly #endProbation: () => void;
  readonly #peekOn: PeekOn;
  #first: Uint8Array = new Uint8Array(0);
  #server: ByteChannel | null = null;
  #openCount = 1;
  #phase: "peeking" | "finding" | "joined" | "over" = "peeking";
  #heardMs = 0;
  #toServer: Flow | null = null;
  #toClient: Flow | null = null;
  #hasFinished = false;

  constructor(host: Host, client: ByteChannel, options: JoinOptions) {
    this.#host = host;
    this.#client = client;
    this.#options = options;
    this.#peekOn = options.peek();
    this.#endProbation = options.newcomers.begin(options.address, (why, bound) =>
      this.#end(bound === "late" ? "no-command" : bound, why),
    );
    client.listen({
      bytes: (chunk) => this.#heard(chunk),
      closed: (why) => {
        const nonsense = this.#server === null ? "first-bytes" : "nonsense";
        this.#end(why === undefined ? "client" : nonsense, why ?? "closed by the client");
        this.#closed();
      },
      drained: () => this.#toClient?.drained(),
      finished: () => this.#finished(),
    });
  }

  /** Number of bytes that wait in the gateway, in both directions. */
  get waitingBytes(): number {
    return this.#client.bufferedBytes() + (this.#server?.bufferedBytes() ?? this.#first.length);
  }

  /**
   * The time when the server last sent bytes. If the server has sent none, the time when the client was
   * joined to the server.
   */
  get heardMs(): number {
    return this.#heardMs;
  }

  /** Returns for how many milliseconds the client has read none of its waiting bytes. */
  stuckMs(nowMs: number): number {
    return this.#toClient?.stuckMs(nowMs) ?? 0;
  }

  end(by: EndedBy, why: string): void {
    this.#end(by, why);
  }

  #heard(chunk: Uint8Array): void {
    if (this.#toServer !== null) return this.#toServer.pass(chunk);
    if (this.#phase === "over") return;
    this.#first = joined(this.#first, chunk);
    if (this.#phase === "peeking") this.#peek(chunk);
  }

  #peek(chunk: Uint8Array): void {
    try {
      const peeked = this.#peekOn(chunk);
      if (peeked !== "needs more") void this.#find(peeked.accountId);
      else if (this.#first.length >= peekBytesMax) throw new WireError("first packet", "longer than allowed");
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#end("first-bytes", `sent nonsense: ${error.message}`);
    }
  }

  async #find(accountId: number | null): Promise<void> {
    this.#phase = "finding";
    this.#client.pause();
    try {
      const found = await this.#options.find(accountId, () => !this.#isOver());
      if (found === null) this.#end("no-server", "no server for this client");
      else if (this.#isOver()) found.channel.close();
      else this.#join(found);
    } catch (error) {
      if (!(error instanceof Unavailable)) return this.#host.failed(error);
      this.#end("unavailable", error.message);
    }
  }

  #join({ channel: server }: Found): void {
    const { clock } = this.#host;
    const { waitingBytesMax } = this.#options;
    this.#phase = "joined";
    this.#heardMs = clock.nowMs();
    this.#endProbation();
    this.#server = server;
    this.#openCount += 1;
    this.#toServer = new Flow(this.#client, server, waitingBytesMax, this.#heardMs);
    this.#toClient = new Flow(server, this.#client, waitingBytesMax, this.#heardMs);
    server.listen({
      bytes: (chunk) => {
        this.#heardMs = clock.nowMs();
        this.#toClient?.pass(chunk);
      },
      closed: () => {
        this.#end(this.#hasFinished ? "client" : "server", "closed by the server");
        this.#closed();
      },
      drained: () => this.#toServer?.drained(),
    });
    const first = this.#first;
    this.#first = new Uint8Array(0);
    this.#toServer.pass(first);
    // Resume the client only after the first bytes are passed on, because `resume` can deliver more bytes at
    // once. If the flow is held up, the flow resumes the client later.
    if (!this.#toServer.isHeldUp) this.#client.resume();
    if (this.#hasFinished) server.close();
  }

  /**
   * The client will send nothing more. The last bytes of the server still reach the client, unless the
   * server's connection takes too long to close.
   */
  #finished(): void {
    this.#hasFinished = true;
    if (this.#phase === "peeking") this.#end("client", "closed by the client");
    this.#server?.close();
  }

  /** This is a method, because the compiler does not know that the phase can change during an `await`. */
  #isOver(): boolean {
    return this.#phase === "over";
  }

  #closed(): void {
    this.#openCount -= 1;
    if (this.#openCount === 0) this.#options.closed();
  }

  #end(by: EndedBy, why: string): void {
    if (this.#phase === "over") return;
    this.#phase = "over";
    this.#endProbation();
    this.#first = new Uint8Array(0);
    // `close` still delivers the bytes that were already sent. `destroy` discards them.
    if (cutOff.has(by)) this.#client.destroy();
    else this.#client.close();
    this.#server?.close();
    this.#options.ended(by, why);
  }
}
