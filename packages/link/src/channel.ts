/** The transport of a channel, as this end sees it. A proxy in front of the other end is not visible. */
export type Transport = "tcp" | "tls" | "ws" | "wss" | "memory";

/** An ordered two-way stream of bytes over any transport. */
export interface ByteChannel {
  readonly transport: Transport;
  /** Address of the other end, for the log. */
  readonly remote: string;
  /** Must be called once. No bytes are delivered before this call. */
  listen(listener: ChannelListener): void;
  send(bytes: Uint8Array): void;
  /** The number of sent bytes that the other end has not taken, as far as this end knows. */
  bufferedBytes(): number;
  /** Stops reading until `resume`, so that a flood of bytes stays in the buffers of the sender. */
  pause(): void;
  resume(): void;
  /** Bytes that were sent before this call still arrive. */
  close(): void;
  /** Closes at once, and drops the bytes that are still waiting. */
  destroy(): void;
  /**
   * Calls `run` once, when the process has handled everything that arrived in this turn of the event loop. If
   * absent, the caller runs `run` in a microtask instead.
   */
  readonly afterTurn?: (run: () => void) => void;
}

export interface ChannelListener {
  bytes(chunk: Uint8Array): void;
  /** Called once, when the channel has ended. `why` is absent if the connection was only closed. */
  closed(why?: string): void;
  /**
   * Called when more than 64 KiB waited and all these bytes have been sent. It may also be called at other
   * times. A browser's socket never calls it.
   */
  drained?(): void;
  /**
   * Called when the other end sends no more, but may still read. Without this function, this end closes its
   * side too. Only TCP and TLS have such a state.
   */
  finished?(): void;
}
