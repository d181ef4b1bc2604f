import type net from "node:net";
import { systemClock } from "@sallyport/clock";
import { addressOf } from "../addresses/client-address.ts";
import { hostOf } from "../addresses/ip-address.ts";
import { type NewcomerBound, Newcomers } from "../addresses/newcomers.ts";
import { remoteOf } from "./tcp-channel.ts";

/** A connection that ended before its handshake was done. */
export interface Refusal {
  readonly remote: string;
  /** With `hung-up`, the client closed the connection. In all other cases this server closed it. */
  readonly by: NewcomerBound | "hung-up" | "stopping" | "tls" | "proxy-header" | "not-websocket" | "origin";
  readonly why: string;
  /** The refused origin as it was received. A client can send any text here. */
  readonly origin?: string;
}

export interface HandshakeBounds {
  /**
   * Maximum time in milliseconds for a handshake: the proxy's header, or TLS and the upgrade to WebSocket.
   */
  readonly handshakeMs?: number;
  /** Maximum number of connections in their handshakes: see `Newcomers`. */
  readonly handshakesMax?: number;
  readonly handshakesPerAddressMax?: number;
  readonly refused?: (refusal: Refusal) => void;
  /**
   * Returns true if this is the address of a proxy. A proxy carries the connections of many clients, so the
   * bound for one address does not apply to it.
   */
  readonly isProxy?: ((address: string) => boolean) | null;
}

interface Pending {
  readonly socket: net.Socket;
  readonly done: () => void;
}

export class Handshakes {
  readonly #pending = new Map<string, Pending>();
  readonly #newcomers: Newcomers;
  readonly #ofProxies: Newcomers;
  readonly #isProxy: (address: string) => boolean;
  readonly #refused: (refusal: Refusal) => void;
  readonly #seenAs: (socket: net.Socket) => string;

  /** `seenAs` returns the address under which a connection is counted. */
  constructor(
    {
      handshakeMs = 5_000,
      handshakesMax = 4_000,
      handshakesPerAddressMax = handshakesMax,
      refused = () => {},
      isProxy,
    }: HandshakeBounds,
    seenAs: (socket: net.Socket) => string = remoteOf,
  ) {
    const bounds = {
      withinMs: handshakeMs,
      countMax: handshakesMax,
      perAddressMax: handshakesPerAddressMax,
    };
    this.#newcomers = new Newcomers(bounds, systemClock);
    this.#ofProxies = new Newcomers({ ...bounds, perAddressMax: handshakesMax }, systemClock);
    this.#isProxy = isProxy ?? (() => false);
    this.#refused = refused;
    this.#seenAs = seenAs;
  }

  begin(socket: net.Socket): void {
    // A socket without a remote address has already ended.
    if (socket.remoteAddress === undefined) return void socket.destroy();
    const [remote, seenAs] = [remoteOf(socket), this.#seenAs(socket)];
    // An earlier connection can have the same address only if it has ended. Its end was not reported yet.
    this.#forget(remote);
    socket.once("close", () => {
      if (this.#pending.get(remote)?.socket !== socket) return;
      this.#forget(remote);
      this.#refused({ remote: seenAs, by: "hung-up", why: "hung up during the handshake" });
    });
    const newcomers = this.#isProxy(hostOf(seenAs)) ? this.#ofProxies : this.#newcomers;
    const done = newcomers.begin(addressOf(seenAs), (why, bound) =>
      this.refuse(socket, bound, `handshake: ${why}`),
    );
    this.#pending.set(remote, { socket, done });
  }

  /**
   * `socket` can be TLS over the socket of `begin`. Both then have the same remote address, and no other
   * connection has it.
   */
  done(socket: net.Socket): void {
    this.#forget(remoteOf(socket));
  }

  refuse(socket: net.Socket, by: Refusal["by"], why: string): void {
    this.turnAway(socket, { remote: this.#seenAs(socket), by, why });
    socket.destroy();
  }

  /** Refuses a connection without closing it. The caller sends an answer and then closes the connection. */
  turnAway(socket: net.Socket, refusal: Refusal): void {
    this.done(socket);
    this.#refused(refusal);
  }

  stop(): void {
    for (const { socket } of [...this.#pending.values()]) this.refuse(socket, "stopping", "stopping");
  }

  #forget(remote: string): void {
    this.#pending.get(remote)?.done();
    this.#pending.delete(remote);
  }
}
