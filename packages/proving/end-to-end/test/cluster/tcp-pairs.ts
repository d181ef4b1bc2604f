import type { ByteChannel } from "@sallyport/link";
import { connectTcp, listenTcp, type TcpListener } from "@sallyport/link/tcp";

/** Creates pairs of connected sockets on the loopback. */
export class TcpPairs {
  readonly #listener: TcpListener;
  #accepted: (channel: ByteChannel) => void = () => {};
  #last: Promise<unknown> = Promise.resolve();

  private constructor(listener: TcpListener) {
    this.#listener = listener;
  }

  static async open(): Promise<TcpPairs> {
    const pairs: TcpPairs = new TcpPairs(
      await listenTcp({ host: "127.0.0.1", port: 0 }, (channel) => pairs.#accepted(channel)),
    );
    return pairs;
  }

  /** Connects one pair at a time. Otherwise it would be unknown which two ends belong together. */
  pair = (): Promise<readonly [ByteChannel, ByteChannel]> => {
    const pair = this.#last.then(async () => {
      const accepting = new Promise<ByteChannel>((resolve) => {
        this.#accepted = resolve;
      });
      const near = await connectTcp(this.#listener.address, 5_000);
      return [near, await accepting] as const;
    });
    this.#last = pair.catch(() => {});
    return pair;
  };

  close(): Promise<void> {
    return this.#listener.stop();
  }
}
