import { type ByteChannel, memoryChannelPair } from "@sallyport/link";

/** The port on which servers of the next tier link. */
export interface LinkListener {
  stop(): Promise<void>;
}

/** Listens for links, over sockets or in memory. */
export type ListenForLinks<Listener extends LinkListener = LinkListener> = (
  accept: (channel: ByteChannel) => void,
) => Promise<Listener>;

/** Links between two tiers of one process. */
export class MemoryLinks {
  #accept: ((channel: ByteChannel) => void) | null = null;

  readonly listen: ListenForLinks = async (accept) => {
    this.#accept = accept;
    return {
      stop: async () => {
        this.#accept = null;
      },
    };
  };

  /** `name` is that of the end that connects. Rejects while the other tier does not listen. */
  readonly connect = async (name: string): Promise<ByteChannel> => {
    if (this.#accept === null) throw new Error("the other tier does not listen");
    const [near, far] = memoryChannelPair([name, "in-process"]);
    this.#accept(far);
    return near;
  };
}
