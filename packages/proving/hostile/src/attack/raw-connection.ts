import net from "node:net";
import type { Field, Target, Toll } from "./attack.ts";

const connectMs = 10_000;
const parts = 10;

/**
 * A timer that consists of several short timers. If this process was busy, it handles waiting events before
 * the last short timer runs. So an attacker does not give up a connection only because this process was busy.
 */
function waitFor(ms: number, over: () => void): () => void {
  let left = parts;
  const timer = setInterval(() => {
    left -= 1;
    if (left > 0) return;
    clearInterval(timer);
    over();
  }, ms / parts);
  return () => clearInterval(timer);
}

/** A connection that follows no protocol. The toll counts how the connection ends. */
export class RawConnection {
  /** Resolves when either end has closed the connection. */
  readonly ended: Promise<void>;
  readonly #socket: net.Socket;
  readonly #toll: Toll;
  #isOver = false;

  private constructor(socket: net.Socket, toll: Toll) {
    this.#socket = socket;
    this.#toll = toll;
    this.ended = new Promise((resolve) => {
      socket.once("close", () => {
        if (!this.#isOver) toll.ended += 1;
        this.#isOver = true;
        resolve();
      });
    });
  }

  /** Resolves to null if the connection was not accepted. */
  static open(target: Target, { sources }: Field, toll: Toll): Promise<RawConnection | null> {
    const { host, port } = target;
    toll.tried += 1;
    return new Promise((resolve) => {
      const socket = net.connect({ host, port, ...sources.next() });
      socket.setNoDelay(true);
      const stopWaiting = waitFor(connectMs, () => socket.destroy());
      socket.on("error", () => {});
      socket.once("close", () => {
        stopWaiting();
        resolve(null);
      });
      socket.once("connect", () => {
        toll.connected += 1;
        stopWaiting();
        resolve(new RawConnection(socket, toll));
      });
    });
  }

  get isOpen(): boolean {
    return !this.#isOver;
  }

  /** Reads the bytes that the server sends. Before this call, nothing is read. */
  onBytes(read: (chunk: Uint8Array) => void): void {
    this.#socket.on("data", read);
  }

  write(bytes: Uint8Array | string): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  /** Bytes that the server has not accepted yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  hangUp(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#toll.hungUp += 1;
    this.#socket.destroy();
  }

  /** Resets the connection. Data that either end has not read yet is lost. */
  reset(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#toll.hungUp += 1;
    this.#socket.resetAndDestroy();
  }

  /**
   * Waits until the server closes the connection. After `ms` milliseconds, this side closes the connection.
   */
  async holdFor(ms: number): Promise<void> {
    const stopWaiting = waitFor(ms, () => this.hangUp());
    await this.ended;
    stopWaiting();
  }
}
