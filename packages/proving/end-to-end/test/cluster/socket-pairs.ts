import type { ByteChannel } from "@sallyport/link";
import { connectTcp, listenTcp, type TcpListener } from "@sallyport/link/tcp";
import { connectWebSocket, listenWebSocket } from "@sallyport/link/websocket";

const nowhere = { host: "127.0.0.1", port: 0 };
const withinMs = 5_000;

/** Creates pairs of connected sockets on the loopback. */
export class SocketPairs {
  #listener!: TcpListener;
  #accepted: (channel: ByteChannel) => void = () => {};
  #last: Promise<unknown> = Promise.resolve();
  readonly #connect: (port: number) => Promise<ByteChannel>;

  private constructor(connect: (port: number) => Promise<ByteChannel>) {
    this.#connect = connect;
  }

  static async overTcp(): Promise<SocketPairs> {
    const pairs = new SocketPairs((port) => connectTcp({ ...nowhere, port }, withinMs));
    pairs.#listener = await listenTcp(nowhere, (channel) => pairs.#accepted(channel));
    return pairs;
  }

  static async overWebSocket(): Promise<SocketPairs> {
    const pairs = new SocketPairs((port) => connectWebSocket(`ws://127.0.0.1:${port}`, withinMs));
    pairs.#listener = await listenWebSocket(nowhere, (channel) => pairs.#accepted(channel), {
      isOriginAllowed: () => true,
    });
    return pairs;
  }

  /** Connects one pair at a time. Otherwise it would be unknown which two ends belong together. */
  pair = (): Promise<readonly [ByteChannel, ByteChannel]> => {
    const pair = this.#last.then(async () => {
      const accepting = new Promise<ByteChannel>((resolve) => {
        this.#accepted = resolve;
      });
      const near = await this.#connect(this.#listener.address.port);
      return [near, await accepting] as const;
    });
    this.#last = pair.catch(() => {});
    return pair;
  };

  close(): Promise<void> {
    return this.#listener.stop();
  }
}
