import net from "node:net";
import { Lane } from "./lane.ts";

/** `up`: from the client to the server. `down`: from the server to the client. */
export type Direction = "up" | "down";
const directions: readonly Direction[] = ["up", "down"];

/** Sees all bytes that the proxy passes on. */
export interface Tap {
  passed(connection: number, direction: Direction, bytes: Buffer): void;
  over(connection: number): void;
}

interface Pair {
  readonly near: net.Socket;
  readonly far: net.Socket;
  readonly lanes: { readonly [direction in Direction]: Lane };
}

const host = "127.0.0.1";

/** A server on this machine: a port, or the path of a socket. */
export type ProxyTarget = { readonly port: number } | { readonly path: string };

export interface FaultProxyOptions {
  readonly port: number;
  readonly to: ProxyTarget;
  readonly tap?: Tap;
  /** The local address on which the proxy listens and from which it connects. The default is 127.0.0.1. */
  readonly address?: string;
  /**
   * True: the proxy connects to the server from the address of its client, which has to be an address of this
   * machine, such as 127.1.0.7.
   */
  readonly keepsAddresses?: boolean;
}

/**
 * Stands between clients and one server. The proxy can hold bytes like a network without a route. It can
 * delay bytes, or drop all bytes of a connection and cut the connection. It never changes, skips or reorders
 * bytes, because TCP does not do that either.
 */
export class FaultProxy {
  readonly port: number;
  readonly #options: FaultProxyOptions;
  readonly #server: net.Server;
  readonly #pairs = new Map<number, Pair>();
  #held: readonly Direction[] = [];
  #delayMs = 0;
  #isRefusing = false;
  #connections = 0;

  constructor(options: FaultProxyOptions) {
    this.port = options.port;
    this.#options = options;
    this.#server = net.createServer({ noDelay: true, allowHalfOpen: true }, (near) => this.#accept(near));
  }

  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      const { port, address = host } = this.#options;
      this.#server.listen({ host: address, port }, () => resolve());
    });
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  /** Resets every connection at both ends. */
  cut(): void {
    for (const connection of [...this.#pairs.keys()]) this.#end(connection);
  }

  refuse(isRefusing: boolean): void {
    this.#isRefusing = isRefusing;
  }

  /**
   * Keeps connections open, but passes no bytes on in these directions. `everybody`: new connections are
   * accepted and held too. `those here`: only the present connections are held.
   */
  hold(ways: readonly Direction[], whom: "everybody" | "those here"): void {
    if (whom === "everybody") this.#held = ways;
    for (const { lanes } of this.#pairs.values()) for (const way of ways) lanes[way].hold();
  }

  /** Ends a hold: passes on the held bytes, except the bytes of connections that were cut during the hold. */
  letGo(): void {
    this.#held = [];
    for (const { lanes } of [...this.#pairs.values()]) for (const way of directions) lanes[way].letGo();
  }

  slowDown(byMs: number): void {
    this.#delayMs = byMs;
    for (const { lanes } of this.#pairs.values()) for (const way of directions) lanes[way].delayMs = byMs;
  }

  #accept(near: net.Socket): void {
    if (this.#isRefusing) {
      near.on("error", () => near.destroy());
      near.resetAndDestroy();
      return;
    }
    this.#connections += 1;
    const connection = this.#connections;
    const { to, address, keepsAddresses = false } = this.#options;
    const source = keepsAddresses ? near.remoteAddress : address;
    const from = source === undefined ? {} : { localAddress: source };
    const target = "path" in to ? to : { ...to, ...from, host, noDelay: true };
    const far = net.connect({ ...target, allowHalfOpen: true });
    const pair = { near, far, lanes: { up: new Lane(), down: new Lane() } };
    this.#pairs.set(connection, pair);
    for (const way of directions) pair.lanes[way].delayMs = this.#delayMs;
    for (const way of this.#held) pair.lanes[way].hold();
    this.#join(connection, "up", near, far, pair.lanes.up);
    this.#join(connection, "down", far, near, pair.lanes.down);
  }

  #join(connection: number, way: Direction, from: net.Socket, to: net.Socket, lane: Lane): void {
    from.on("data", (bytes: Buffer) =>
      lane.enter(() => {
        this.#options.tap?.passed(connection, way, bytes);
        to.write(bytes);
      }),
    );
    from.on("end", () => lane.enter(() => to.end()));
    from.on("error", () => lane.enter(() => this.#end(connection)));
    from.on("close", () => lane.enter(() => this.#closed(connection)));
  }

  #closed(connection: number): void {
    const pair = this.#pairs.get(connection);
    if (pair?.near.closed && pair.far.closed) this.#forget(connection, pair);
  }

  #end(connection: number): void {
    const pair = this.#pairs.get(connection);
    if (pair === undefined) return;
    this.#forget(connection, pair);
    // A unix socket cannot be reset.
    for (const socket of [pair.near, pair.far]) {
      if (socket === pair.far && "path" in this.#options.to) socket.destroy();
      else socket.resetAndDestroy();
    }
  }

  #forget(connection: number, { lanes }: Pair): void {
    this.#pairs.delete(connection);
    for (const way of directions) lanes[way].end();
    this.#options.tap?.over(connection);
  }
}
