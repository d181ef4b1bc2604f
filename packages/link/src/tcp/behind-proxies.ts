import net from "node:net";
import { WireError } from "@sallyport/wire";
import { readProxyHeader } from "../proxy-header.ts";
import { type HandshakeBounds, Handshakes } from "./handshakes.ts";
import { remoteOf } from "./tcp-channel.ts";

/**
 * Stands before a server of any kind and reads what proxies say of who connected to them. Whoever is no proxy is passed
 * on as it came: the same bytes from elsewhere are for the server to judge, so nobody else can claim another address.
 */
export class BehindProxies {
  /** Of connections that are there, by the address that their socket has: TLS over a socket has the same one. */
  readonly #told = new Map<string, string>();
  readonly #isProxy: (address: string) => boolean;
  readonly #header: "required" | "optional";
  readonly #reading: Handshakes;

  /** `optional`: what follows shows by itself that a proxy says it, as HTTP does. */
  constructor(
    bounds: HandshakeBounds,
    isProxy: (address: string) => boolean,
    header: "required" | "optional",
  ) {
    this.#isProxy = isProxy;
    this.#header = header;
    this.#reading = new Handshakes(bounds);
  }

  /** Who it is made for. */
  readonly seenAs = (socket: net.Socket): string => {
    const remote = remoteOf(socket);
    return this.#told.get(remote) ?? remote;
  };

  /** To be listened with in place of `server`. */
  before(server: net.Server): net.Server {
    // Half open, as the servers behind it have it.
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
      // Whoever is passed the socket may pause it, which Node forgets until it has taken note of the line before.
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
    // The `close` that follows is what ends it.
    socket.on("error", () => {});
    socket.on("readable", look);
  }
}

/** Exactly so many bytes, or null while they are not there: what comes after stays for whoever reads next. */
function take(socket: net.Socket, count: number): Buffer | null {
  const bytes = socket.read(count) as Buffer | null;
  // At the end of the stream it gives what there is.
  if (bytes === null ? socket.readableEnded : bytes.length < count)
    throw new WireError("proxy header", "cut off");
  return bytes;
}
