import { connect, type Socket } from "node:net";
import type { DoorAddress } from "@sallyport/sdk";

export interface ConnectionEvents {
  bytes(chunk: Buffer): void;
  /** Called once when either end has closed the connection. */
  closed(by: "client" | "server", detail: string): void;
}

/** After the client has closed the connection, the server has this long to close it too. */
const closingMsMax = 5_000;

export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

export class DoorConnection {
  readonly #socket: Socket;
  readonly closed: Promise<void>;
  #by: "client" | "server" = "server";
  #detail = "end";
  #isOpen = true;

  private constructor(socket: Socket, events: ConnectionEvents) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        this.#isOpen = false;
        events.closed(this.#by, this.#detail);
        resolve();
      });
    });
    socket.on("data", (chunk) => {
      // Data that arrives after the client has closed is ignored.
      if (this.#isOpen) events.bytes(chunk);
    });
    // Node emits `close` after `error`, so only the reason is noted here.
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#detail = error.code ?? error.message;
    });
    socket.setNoDelay(true);
  }

  static open(
    { host, port }: DoorAddress,
    withinMs: number,
    events: ConnectionEvents,
    from?: string,
  ): Promise<DoorConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, ...(from === undefined ? {} : { localAddress: from }) });
      const fail = (why: string): void => {
        socket.destroy();
        reject(new Unreachable(`${host}:${port}: ${why}`));
      };
      const onError = (error: NodeJS.ErrnoException): void => fail(error.code ?? error.message);
      socket.setTimeout(withinMs, () => fail(`no connection in ${withinMs} ms`));
      socket.once("error", onError);
      socket.once("connect", () => {
        socket.setTimeout(0);
        socket.off("error", onError);
        resolve(new DoorConnection(socket, events));
      });
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  send(bytes: Buffer): void {
    if (this.#isOpen) this.#socket.write(bytes);
  }

  /**
   * Closes the connection with only a FIN, like a program that ends. Resolves when the server has closed the
   * connection too, or after `closingMsMax` if it has not closed it by then.
   */
  async close(): Promise<void> {
    if (this.#isOpen) {
      this.#by = "client";
      this.#isOpen = false;
      const slow = setTimeout(() => this.#socket.destroy(), closingMsMax);
      void this.closed.then(() => clearTimeout(slow));
      this.#socket.end();
    }
    await this.closed;
  }

  /** Closes with a RST, like a machine that crashes. */
  abort(): void {
    this.#by = "client";
    this.#detail = "reset";
    this.#isOpen = false;
    this.#socket.resetAndDestroy();
  }
}
