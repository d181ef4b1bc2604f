import { type ByteChannel, memoryChannelPair } from "@sallyport/link";
import { channelWith } from "./channel-with.ts";
import type { Pair } from "./test-cluster.ts";

/** Memory channels that can hold back the messages of one sender. */
export class Tap {
  readonly #keptBack = new Map<string, (() => void)[]>();

  readonly pair: Pair = (names) => {
    const [near, far] = memoryChannelPair(names);
    return [this.#tapped(near, names[0]), this.#tapped(far, names[1])];
  };

  /** Holds back all that this sender sends. The returned function delivers it. */
  keepBack(who: string): () => void {
    const sends: (() => void)[] = [];
    this.#keptBack.set(who, sends);
    return () => {
      this.#keptBack.delete(who);
      for (const send of sends) send();
    };
  }

  #tapped(channel: ByteChannel, who: string): ByteChannel {
    return channelWith(channel, {
      send: (bytes) => {
        const send = (): void => channel.send(bytes);
        const keptBack = this.#keptBack.get(who);
        if (keptBack === undefined) send();
        else keptBack.push(send);
      },
    });
  }
}
