import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

export interface Place {
  readonly host: string;
  readonly port: number;
  /**
   * If present, the client speaks TLS. `ca` has the certificates (PEM) of the trusted authorities; without it, those
   * that Node knows are trusted.
   */
  readonly tls?: { readonly ca?: string };
}

const connectMs = 20_000;
const patienceMs = 20_000;
/** A timer of Node cannot run longer. */
const timerMsMax = 2 ** 31 - 1;

/** A TCP connection, with TLS or without, that is read by counts of bytes. */
export class ByteStream {
  /**
   * A read that takes longer than this many milliseconds ends the connection. With infinity a read waits for
   * ever, as somebody does who only listens.
   */
  patienceMs = patienceMs;
  /** Hears every chunk that arrives, before any read does. */
  onBytes: (chunk: Buffer) => void = () => {};
  readonly #socket: Socket;
  #unread: Buffer = Buffer.alloc(0);
  #isEnded = false;
  readonly #wakers = new Set<() => void>();
  /** Resolves when both ends have closed the connection. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => {
      this.#unread = Buffer.concat([this.#unread, chunk]);
      this.onBytes(chunk);
      this.#wake();
    });
    socket.on("error", () => {});
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        this.#isEnded = true;
        this.#wake();
        resolve();
      });
    });
  }

  static open({ host, port, tls }: Place, from?: string): Promise<ByteStream> {
    return new Promise((resolve, reject) => {
      const to = { host, port, ...(from === undefined ? {} : { localAddress: from }) };
      const socket = tls === undefined ? connect(to) : connectTls({ ...to, ...tls });
      socket.setTimeout(connectMs, () => socket.destroy(new Error("no connection in time")));
      socket.once("error", reject);
      socket.once(tls === undefined ? "connect" : "secureConnect", () => {
        socket.setTimeout(0);
        socket.off("error", reject);
        resolve(new ByteStream(socket));
      });
    });
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Everything that has arrived and is not taken yet. */
  get unread(): Buffer {
    return this.#unread;
  }

  send(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Takes exactly so many bytes. Null if the connection ended before. */
  async take(count: number): Promise<Buffer | null> {
    if (!(await this.until(() => this.#unread.length >= count))) return null;
    const taken = this.#unread.subarray(0, count);
    this.#unread = this.#unread.subarray(count);
    return taken;
  }

  /** Waits for a condition on what has arrived. False if the connection ended before, or the patience did. */
  async until(isMet: () => boolean): Promise<boolean> {
    if (await this.within(this.patienceMs, isMet)) return true;
    this.#socket.destroy();
    return false;
  }

  /** As `until`, for so many milliseconds. The connection stays when they are over. */
  async within(ms: number, isMet: () => boolean): Promise<boolean> {
    let isLate = false;
    const late = setTimeout(
      () => {
        isLate = true;
        this.#wake();
      },
      Math.min(ms, timerMsMax),
    );
    try {
      while (!isMet()) {
        if (this.#isEnded || isLate) return false;
        await new Promise<void>((resolve) => this.#wakers.add(resolve));
      }
      return true;
    } finally {
      clearTimeout(late);
    }
  }

  /** Says that nothing more comes, as a program does that ends. */
  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #wake(): void {
    const wakers = [...this.#wakers];
    this.#wakers.clear();
    for (const wake of wakers) wake();
  }
}
