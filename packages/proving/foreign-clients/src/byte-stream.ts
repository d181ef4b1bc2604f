import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { hostAndPort } from "@sallyport/link/addresses";
import { ClientFailure } from "./client-failure.ts";

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
const start = "`npm start -- --all-doors` starts one with all its ports open.";

function unreachable(place: Place, error: NodeJS.ErrnoException): ClientFailure {
  // Of a name with several addresses, each attempt has its own words, and all together have none.
  const words = error instanceof AggregateError ? error.errors.map(String).join(", ") : error.message;
  const why =
    error.code === "ECONNREFUSED"
      ? `Nothing listens on ${hostAndPort(place)}.`
      : `${hostAndPort(place)} could not be reached: ${words}.`;
  return new ClientFailure(`${why} Does the server run? ${start}`, 1, { cause: error });
}

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
  readonly #address: string;
  #unread: Buffer = Buffer.alloc(0);
  #isEnded = false;
  #isImpatient = false;
  readonly #wakers = new Set<() => void>();
  /** Resolves when both ends have closed the connection. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket, address: string) {
    this.#socket = socket;
    this.#address = address;
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

  /** Rejects with `ClientFailure` if nobody answers there. */
  static open(place: Place, from?: string): Promise<ByteStream> {
    const { host, port, tls } = place;
    return new Promise<ByteStream>((resolve, reject) => {
      const to = { host, port, ...(from === undefined ? {} : { localAddress: from }) };
      const socket = tls === undefined ? connect(to) : connectTls({ ...to, ...tls });
      socket.setTimeout(connectMs, () => socket.destroy(new Error("no connection in time")));
      socket.once("error", reject);
      socket.once(tls === undefined ? "connect" : "secureConnect", () => {
        socket.setTimeout(0);
        socket.off("error", reject);
        resolve(new ByteStream(socket, hostAndPort(place)));
      });
    }).catch((error: Error) => Promise.reject(unreachable(place, error)));
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
    this.#isImpatient = !this.#isEnded;
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

  /** What to tell a person after a read that got nothing. */
  gone(): ClientFailure {
    const what = this.#isImpatient ? "gave no answer in time" : "closed the connection";
    return new ClientFailure(
      `${this.#address} ${what}. Does the server run? Or is it the port of another protocol? ${start}`,
      1,
    );
  }

  /** What to tell a person about bytes that are not of this protocol. */
  foreign(what: string): ClientFailure {
    return new ClientFailure(`${this.#address} speaks another protocol: ${what}. Is it the right port?`, 1);
  }

  #wake(): void {
    const wakers = [...this.#wakers];
    this.#wakers.clear();
    for (const wake of wakers) wake();
  }
}
