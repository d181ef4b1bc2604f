import type { ByteChannel } from "@sallyport/link";
import { channelWith, memoryPairs } from "./channel-with.ts";

/** Creates memory channels, and can hold back the messages of one sender. */
export class Tap {
  readonly #keptBack = new Map<string, (() => void)[]>();

  readonly pair = memoryPairs((channel, who) => this.#tapped(channel, who));

  /** Holds back everything that this sender sends, until the returned function is called. */
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
