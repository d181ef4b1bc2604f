import { createServer, type Server, type Socket } from "node:net";

/** The bytes of a message: u32 length, big-endian, and JSON. */
export function frameOf(message: unknown): Buffer {
  const body = Buffer.from(typeof message === "string" ? message : JSON.stringify(message));
  const frame = Buffer.alloc(4 + body.length);
  frame.writeUInt32BE(body.length);
  body.copy(frame, 4);
  return frame;
}

type Asked = { readonly [field: string]: unknown };

/** Answers each request with the bytes that the test returns. Null: it closes the connection. */
export class HandMadeServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly asked: Asked[] = [];
  connections = 0;
  answer: (asked: Asked) => Buffer | null = () => null;

  private constructor() {
    this.#server = createServer((socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("error", () => undefined);
      let received = Buffer.alloc(0);
      socket.on("data", (chunk) => {
        received = Buffer.concat([received, chunk]);
        while (received.length >= 4 && received.length >= 4 + received.readUInt32BE()) {
          const end = 4 + received.readUInt32BE();
          const asked = JSON.parse(received.toString("utf8", 4, end)) as Asked;
          received = received.subarray(end);
          this.asked.push(asked);
          const answer = this.answer(asked);
          if (answer === null) socket.destroy();
          else socket.write(answer);
        }
      });
    });
  }

  static async open(): Promise<HandMadeServer> {
    const made = new HandMadeServer();
    await new Promise<void>((resolve) => made.#server.listen(0, "127.0.0.1", resolve));
    return made;
  }

  get address(): { host: string; port: number; isSecure: boolean } {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("not listening");
    return { host: "127.0.0.1", port: address.port, isSecure: false };
  }

  /** Sends bytes to all clients. */
  say(bytes: Buffer): void {
    for (const socket of this.#sockets) socket.write(bytes);
  }

  /** Closes the connections that are open. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
