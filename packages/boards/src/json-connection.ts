import { once } from "node:events";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { addressText, type Server } from "./client-data.ts";
import { unreachable } from "./failure.ts";

/*
 * Frames of both servers, in both directions: u32 length, big-endian, and so many bytes of JSON in UTF-8. One
 * request after the other.
 */

const lengthBytes = 4;
/** A proof of the greatest size in base64, and what stands around it. */
const answerBytesMax = 9 << 20;
const connectMs = 10_000;
const answerMs = 60_000;

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Rejects with `BoardsFailure` if nobody answers at this address. */
export async function openConnection(at: Omit<Server, "name">): Promise<JsonConnection> {
  const { host, port, isSecure } = at;
  const socket = isSecure
    ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }) })
    : connect({ host, port });
  try {
    await once(socket, isSecure ? "secureConnect" : "connect", { signal: AbortSignal.timeout(connectMs) });
  } catch (error) {
    socket.on("error", () => undefined);
    socket.destroy();
    throw unreachable(`no answer from ${addressText(at)}: ${wordsOf(error)}`, error);
  }
  return new JsonConnection(socket, addressText(at));
}

const wordsOf = (error: unknown): string => {
  if (error instanceof Error && error.name === "AbortError") return `nothing within ${connectMs / 1_000} s`;
  if (error instanceof AggregateError) return error.errors.map(wordsOf).join(", ");
  return error instanceof Error ? error.message : String(error);
};

export class JsonConnection {
  readonly #socket: Socket;
  readonly #at: string;
  #received: Buffer[] = [];
  #receivedBytes = 0;
  #waiting: Waiting | null = null;
  #why: string | null = null;

  constructor(socket: Socket, at: string) {
    this.#socket = socket;
    this.#at = at;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", (error) => this.#end(error.message));
    socket.on("close", () => this.#end("it closed the connection"));
  }

  get isOpen(): boolean {
    return this.#why === null;
  }

  /** Rejects with `BoardsFailure` if there is no answer. The request may have been carried out then. */
  async ask(request: object): Promise<unknown> {
    if (this.#waiting !== null) throw new RangeError("one request after the other");
    if (this.#why !== null) throw unreachable(`no answer from ${this.#at}: ${this.#why}`);
    const body = Buffer.from(JSON.stringify(request));
    const frame = Buffer.alloc(lengthBytes + body.length);
    frame.writeUInt32BE(body.length);
    body.copy(frame, lengthBytes);
    const timer = setTimeout(() => this.#end(`nothing within ${answerMs / 1_000} s`), answerMs);
    try {
      return await new Promise<unknown>((resolve, reject) => {
        this.#waiting = { resolve, reject };
        this.#socket.write(frame);
      });
    } finally {
      clearTimeout(timer);
      this.#waiting = null;
    }
  }

  close(): void {
    this.#end("this client closed the connection");
  }

  #take(chunk: Buffer): void {
    this.#received.push(chunk);
    this.#receivedBytes += chunk.length;
    if (this.#receivedBytes < lengthBytes) return;
    const head = this.#received[0] as Buffer;
    if (head.length < lengthBytes) this.#received = [Buffer.concat(this.#received)];
    const length = (this.#received[0] as Buffer).readUInt32BE();
    if (length > answerBytesMax) return this.#end(`its answer is longer than ${answerBytesMax} bytes`);
    if (this.#receivedBytes < lengthBytes + length) return;
    const all = Buffer.concat(this.#received);
    this.#received = [all.subarray(lengthBytes + length)];
    this.#receivedBytes -= lengthBytes + length;
    const waiting = this.#waiting;
    if (waiting === null) return this.#end("it said something without being asked");
    try {
      waiting.resolve(JSON.parse(all.toString("utf8", lengthBytes, lengthBytes + length)));
    } catch {
      this.#end("its answer is not JSON");
    }
  }

  #end(why: string): void {
    if (this.#why !== null) return;
    this.#why = why;
    this.#socket.destroy();
    this.#waiting?.reject(unreachable(`no answer from ${this.#at}: ${why}`));
  }
}
