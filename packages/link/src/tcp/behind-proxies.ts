import net from "node:net";
import { WireError } from "@sallyport/wire";
import { parseProxyHeader, proxyHeaderRest, proxyPrefixBytes } from "../proxy-header.ts";
import { type HandshakeBounds, Handshakes } from "./handshakes.ts";
import { remoteOf } from "./tcp-channel.ts";

export interface ProxyOptions extends HandshakeBounds {
  /** Whether a connection from this address is a proxy's, which says first of all who it is made for. */
  readonly isProxy: (address: string) => boolean;
}

/**
 * Stands before a server of any kind and reads what proxies say. Whoever is none is passed on as it came: the same
 * bytes from elsewhere are for the server to judge, so nobody but a proxy can say to be somebody else.
 */
export class BehindProxies {
  /** Of connections that are there, by the address that their socket has: TLS over a socket has the same one. */
  readonly #told = new Map<string, string>();
  readonly #isProxy: (address: string) => boolean;
  /** A proxy has everybody's connections: it is not held to what one address may have. */
  readonly #reading: Handshakes;

  constructor({ isProxy, handshakesPerAddressMax: _, ...bounds }: ProxyOptions) {
    this.#isProxy = isProxy;
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
    let prefix: Uint8Array | null = null;
    const read = (): void => {
      try {
        prefix ??= take(socket, proxyPrefixBytes);
        const rest = prefix && take(socket, proxyHeaderRest(prefix));
        if (prefix === null || rest === null) return;
        const header = parseProxyHeader(prefix, rest);
        socket.off("readable", read);
        // Whoever is passed the socket may pause it, which Node forgets until it has taken note of the line before.
        process.nextTick(passOn, header && `${header.source.host}:${header.source.port}`);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        this.#reading.refuse(socket, `sent nonsense: ${error.message}`);
      }
    };
    // The `close` that follows is what ends it.
    socket.on("error", () => {});
    socket.on("readable", read);
  }
}

/** Exactly so many bytes, or null while they are not there: what comes after stays for whoever reads next. */
function take(socket: net.Socket, count: number): Uint8Array | null {
  if (count === 0) return new Uint8Array(0);
  const bytes = socket.read(count) as Uint8Array | null;
  // At the end of the stream it gives what there is.
  if (bytes === null ? socket.readableEnded : bytes.length < count)
    throw new WireError("proxy header", "cut off");
  return bytes;
}
