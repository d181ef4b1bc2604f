import type net from "node:net";
import { systemClock } from "../clock.ts";
import { Newcomers } from "../newcomers.ts";
import { remoteOf } from "./tcp-channel.ts";

export interface HandshakeBounds {
  /** From connecting until the connection is of use: TLS, and the upgrade to WebSocket. */
  readonly handshakeMs?: number;
  /** Connections at once that are not of use yet: see `Newcomers`. */
  readonly handshakesMax?: number;
  /** Of them, from one address. */
  readonly handshakesPerAddressMax?: number;
  /** A connection came to nothing; `why` is for the log. */
  readonly refused?: (remote: string, why: string) => void;
}

interface Pending {
  readonly socket: net.Socket;
  readonly done: () => void;
}

/** The connections that somebody made and that have not said who they are yet. */
export class Handshakes {
  readonly #pending = new Map<string, Pending>();
  readonly #newcomers: Newcomers;
  readonly #refused: (remote: string, why: string) => void;
  readonly #seenAs: (socket: net.Socket) => string;

  /** `seenAs`: by which the connections of one address are counted. */
  constructor(
    {
      handshakeMs = 5_000,
      handshakesMax = 4_000,
      handshakesPerAddressMax = handshakesMax,
      refused = () => {},
    }: HandshakeBounds,
    seenAs: (socket: net.Socket) => string = remoteOf,
  ) {
    const bounds = {
      withinMs: handshakeMs,
      countMax: handshakesMax,
      perAddressMax: handshakesPerAddressMax,
    };
    this.#newcomers = new Newcomers(bounds, systemClock);
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
      this.#refused(seenAs, "hung up during the handshake");
    });
    const done = this.#newcomers.begin(seenAs, (why) => this.refuse(socket, `handshake: ${why}`));
    this.#pending.set(remote, { socket, done });
  }

  /** `socket` may be TLS over the one that began: both have the other end's address, and nobody else has it. */
  done(socket: net.Socket): void {
    this.#forget(remoteOf(socket));
  }

  refuse(socket: net.Socket, why: string): void {
    const seenAs = this.#seenAs(socket);
    this.#forget(remoteOf(socket));
    socket.destroy();
    this.#refused(seenAs, why);
  }

  stop(): void {
    for (const { socket } of [...this.#pending.values()]) this.refuse(socket, "stopping");
  }

  #forget(remote: string): void {
    this.#pending.get(remote)?.done();
    this.#pending.delete(remote);
  }
}
