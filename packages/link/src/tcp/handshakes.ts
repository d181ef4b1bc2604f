import type net from "node:net";
import { systemClock } from "../clock.ts";
import { hostOf } from "../ip-address.ts";
import { type NewcomerBound, Newcomers } from "../newcomers.ts";
import { remoteOf } from "./tcp-channel.ts";

/** A connection that came to nothing before it was of any use. */
export interface Refusal {
  readonly remote: string;
  /** `hung-up` is the other end's doing, the others are ours. */
  readonly by: NewcomerBound | "hung-up" | "stopping" | "tls" | "proxy-header" | "not-websocket" | "origin";
  /** In words, for the log. */
  readonly why: string;
  /** That was refused. As it came: anybody can write anything there. */
  readonly origin?: string;
}

export interface HandshakeBounds {
  /** From connecting until the connection is of use: TLS, and the upgrade to WebSocket. */
  readonly handshakeMs?: number;
  /** Connections at once that are not of use yet: see `Newcomers`. */
  readonly handshakesMax?: number;
  /** Of them, from one address. */
  readonly handshakesPerAddressMax?: number;
  readonly refused?: (refusal: Refusal) => void;
  /** Whether a connection from this address is a proxy's: it has everybody's, and is not held to what one address may have. */
  readonly isProxy?: ((address: string) => boolean) | null;
}

interface Pending {
  readonly socket: net.Socket;
  readonly done: () => void;
}

/** The connections that somebody made and that have not said who they are yet. */
export class Handshakes {
  readonly #pending = new Map<string, Pending>();
  readonly #newcomers: Newcomers;
  readonly #ofProxies: Newcomers;
  readonly #isProxy: (address: string) => boolean;
  readonly #refused: (refusal: Refusal) => void;
  readonly #seenAs: (socket: net.Socket) => string;

  /** `seenAs`: by which the connections of one address are counted. */
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
    // Gone before it was looked at.
    if (socket.remoteAddress === undefined) return void socket.destroy();
    const [remote, seenAs] = [remoteOf(socket), this.#seenAs(socket)];
    // Whoever had this address before is gone, though its end has not been told yet.
    this.#forget(remote);
    socket.once("close", () => {
      if (this.#pending.get(remote)?.socket !== socket) return;
      this.#forget(remote);
      this.#refused({ remote: seenAs, by: "hung-up", why: "hung up during the handshake" });
    });
    const newcomers = this.#isProxy(hostOf(seenAs)) ? this.#ofProxies : this.#newcomers;
    const done = newcomers.begin(seenAs, (why, bound) => this.refuse(socket, bound, `handshake: ${why}`));
    this.#pending.set(remote, { socket, done });
  }

  /** `socket` may be TLS over the one that began: both have the other end's address, and nobody else has it. */
  done(socket: net.Socket): void {
    this.#forget(remoteOf(socket));
  }

  refuse(socket: net.Socket, by: Refusal["by"], why: string): void {
    this.turnAway(socket, { remote: this.#seenAs(socket), by, why });
    socket.destroy();
  }

  /** The same, of one that is still to be told something, and is then ended by whoever tells it. */
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
