import { type ByteChannel, memoryChannelPair } from "@sallyport/link";

/**
 * Accepts links from the servers of one other tier. A login-server accepts char-servers, and a char-server
 * accepts map-servers.
 */
export interface LinkListener {
  stop(): Promise<void>;
}

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

  /** Connects the server `name`. Rejects if the other tier does not listen. */
  readonly connect = async (name: string): Promise<ByteChannel> => {
    if (this.#accept === null) throw new Error("the other tier does not listen");
    const [near, far] = memoryChannelPair([name, "in-process"]);
    this.#accept(far);
    return near;
  };
}
