import { once } from "node:events";
import net from "node:net";
import { helloFrame, loginDoorMessages } from "@sallyport/dialects/native";
import { encodeFrame, FrameSplitter, MessageCodec } from "@sallyport/wire";

const codec = new MessageCodec(loginDoorMessages);
const ttlMs = 20_000;

/** Asks for salts over one connection, one at a time. */
export class SaltAsker {
  readonly #socket: net.Socket;
  readonly #splitter = new FrameSplitter(1 << 20);
  #lastId = 0;
  #answered: (kind: "reply" | "refusal", atMs: number) => void = () => {};
  #lost: (error: Error) => void = () => {};

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.write(helloFrame());
    socket.on("data", (chunk) => {
      const atMs = performance.now();
      for (const { kind } of this.#splitter.push(chunk))
        if (kind === "reply" || kind === "refusal") this.#answered(kind, atMs);
    });
    socket.on("error", (error) => this.#lost(error));
    socket.on("close", () => this.#lost(new Error("the server hung up")));
  }

  static async connect(port: number): Promise<SaltAsker> {
    const socket = net.connect({ host: "127.0.0.1", port });
    await once(socket, "connect");
    return new SaltAsker(socket);
  }

  async ask(name: string): Promise<{ readonly ms: number; readonly isOffered: boolean }> {
    this.#lastId += 1;
    const frame = encodeFrame("request", this.#lastId, codec.encode({ type: "login.salt", name }, ttlMs));
    return new Promise((resolve, reject) => {
      this.#lost = reject;
      const askedMs = performance.now();
      this.#answered = (kind, atMs) => resolve({ ms: atMs - askedMs, isOffered: kind === "reply" });
      this.#socket.write(frame);
    });
  }

  close(): void {
    this.#lost = () => {};
    this.#socket.destroy();
  }
}
