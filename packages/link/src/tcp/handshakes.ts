import type net from "node:net";

export interface HandshakeBounds {
  /** From connecting until the connection is of use: TLS, and the upgrade to WebSocket. */
  readonly handshakeMs?: number;
  /** Connections at once that are not of use yet; one more, and the oldest of them is closed. */
  readonly handshakesMax?: number;
  /** A connection came to nothing; `why` is for the log. */
  readonly refused?: (remote: string, why: string) => void;
}

interface Pending {
  readonly socket: net.Socket;
  readonly stopWaiting: () => void;
}

/**
 * The connections that somebody made and that have not said who they are yet. Bounded in time and in number, so
 * that whoever only connects keeps nobody else out for longer than a handshake takes.
 */
export class Handshakes {
  readonly #pending = new Map<string, Pending>();
  readonly #withinMs: number;
  readonly #countMax: number;
  readonly #refused: (remote: string, why: string) => void;

  constructor({ handshakeMs = 5_000, handshakesMax = 1_000, refused = () => {} }: HandshakeBounds) {
    this.#withinMs = handshakeMs;
    this.#countMax = handshakesMax;
    this.#refused = refused;
  }

  begin(socket: net.Socket): void {
    // Gone before it was looked at.
    if (socket.remoteAddress === undefined) return void socket.destroy();
    const remote = remoteOf(socket);
    // Whoever had this address before is gone, though its end has not been told yet.
    this.#forget(remote);
    const timer = setTimeout(
      () => this.refuse(socket, `no handshake within ${this.#withinMs} ms`),
      this.#withinMs,
    );
    this.#pending.set(remote, { socket, stopWaiting: () => clearTimeout(timer) });
    socket.once("close", () => {
      if (this.#pending.get(remote)?.socket !== socket) return;
      this.#forget(remote);
      this.#refused(remote, "hung up during the handshake");
    });
    const [oldest] = this.#pending.values();
    if (this.#pending.size > this.#countMax && oldest !== undefined)
      this.refuse(oldest.socket, "too many handshakes at once");
  }

  /** `socket` may be TLS over the one that began: both have the other end's address, and nobody else has it. */
  done(socket: net.Socket): void {
    this.#forget(remoteOf(socket));
  }

  refuse(socket: net.Socket, why: string): void {
    const remote = remoteOf(socket);
    this.#forget(remote);
    socket.destroy();
    this.#refused(remote, why);
  }

  stop(): void {
    for (const { socket } of [...this.#pending.values()]) this.refuse(socket, "stopping");
  }

  #forget(remote: string): void {
    this.#pending.get(remote)?.stopWaiting();
    this.#pending.delete(remote);
  }
}

export const remoteOf = (socket: net.Socket): string =>
  `${socket.remoteAddress ?? "?"}:${socket.remotePort ?? 0}`;
