import net from "node:net";
import { WireError } from "@sallyport/wire";
import { readProxyHeader } from "../addresses/proxy-header.ts";
import { type HandshakeBounds, Handshakes } from "./handshakes.ts";
import { remoteOf } from "./tcp-channel.ts";

/**
 * Stands in front of a server. On a connection from a proxy, this class reads the address of the client from
 * the proxy's header. It passes all other connections on unread. So only a proxy can claim a different
 * address.
 */
export class BehindProxies {
  /**
   * The client addresses that proxies sent. The key is the remote address of the socket. A TLS socket over
   * this socket has the same remote address.
   */
  readonly #told = new Map<string, string>();
  readonly #isProxy: (address: string) => boolean;
  readonly #header: "required" | "optional";
  readonly #reading: Handshakes;

  /** The header is `optional` if the next protocol can also carry the client's address, as HTTP can. */
  constructor(
    bounds: HandshakeBounds,
    isProxy: (address: string) => boolean,
    header: "required" | "optional",
  ) {
    this.#isProxy = isProxy;
    this.#header = header;
    this.#reading = new Handshakes(bounds);
  }

  /** Returns the address that the proxy sent. Without a proxy, returns the address of the socket. */
  readonly seenAs = (socket: net.Socket): string => {
    const remote = remoteOf(socket);
    return this.#told.get(remote) ?? remote;
  };

  /** Returns a server that reads the headers. Call `listen` on the returned server, and not on `server`. */
  before(server: net.Server): net.Server {
    // This server allows half-open connections, as the servers behind it do.
    return net.createServer({ allowHalfOpen: true }, (socket) => {
      const pass = (): void => void server.emit("connection", socket);
      if (!this.#isProxy(socket.remoteAddress ?? "")) return pass();
      const remote = remoteOf(socket);
      this.#reading.begin(socket);
      this.#read(socket, (told) => {
        this.#reading.done(socket);
        if (socket.destroyed) return;
        if (told !== null) {
          this.#told.set(remote, told);
          socket.once("close", () => this.#told.delete(remote));
        }
        pass();
      });
    });
  }

  stop(): void {
    this.#reading.stop();
  }

  #read(socket: net.Socket, passOn: (told: string | null) => void): void {
    let bytes = Buffer.alloc(0);
    const finish = (told: string | null): void => {
      socket.off("readable", look);
      // The next reader can pause the socket. Node would undo a pause that comes before Node has processed
      // `off`.
      process.nextTick(passOn, told);
    };
    const look = (): void => {
      try {
        for (;;) {
          const read = readProxyHeader(bytes);
          if (read.is === "header") {
            const source = read.told?.source;
            return finish(source === undefined ? null : `${source.host}:${source.port}`);
          }
          if (read.is === "other") {
            if (this.#header === "required") throw new WireError("proxy header", "neither version 1 nor 2");
            socket.unshift(bytes);
            return finish(null);
          }
          const more = take(socket, read.missing);
          if (more === null) return;
          bytes = Buffer.concat([bytes, more]);
        }
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        this.#reading.refuse(socket, "proxy-header", `sent nonsense: ${error.message}`);
      }
    };
    // No action is needed: a `close` event follows.
    socket.on("error", () => {});
    socket.on("readable", look);
  }
}

/** Takes exactly `count` bytes. Returns null if fewer have arrived. Further bytes stay in the socket. */
function take(socket: net.Socket, count: number): Buffer | null {
  const bytes = socket.read(count) as Buffer | null;
  // `read` returns fewer bytes only at the end of the stream.
  if (bytes === null ? socket.readableEnded : bytes.length < count)
    throw new WireError("proxy header", "cut off");
  return bytes;
}
