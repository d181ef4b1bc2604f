/**
 * The transport of a channel, as this end sees it. Behind a proxy, the far end may use a different transport.
 */
export type Transport = "tcp" | "tls" | "ws" | "wss" | "memory";

/** An ordered two-way stream of bytes over any transport. */
export interface ByteChannel {
  readonly transport: Transport;
  /** The address of the far end, for the log. */
  readonly remote: string;
  /** Call this method once. No bytes are delivered before this call. */
  listen(listener: ChannelListener): void;
  /** Sends after all bytes of earlier calls. Does nothing if the channel is closed. */
  send(bytes: Uint8Array): void;
  /** Returns the number of sent bytes that the far end has not taken, as far as this end knows. */
  bufferedBytes(): number;
  /** Stops reading until `resume`. A flood of bytes then stays in the buffers of the sender. */
  pause(): void;
  /** Reads again after `pause`. */
  resume(): void;
  /** Closes the channel. Bytes that were sent before this call still arrive. */
  close(): void;
  /** Closes the channel at once, and drops the bytes that are still waiting. */
  destroy(): void;
  /**
   * Calls `run` once, when the process has handled everything that arrived in this turn of the event loop. If
   * this method is absent, the caller must run `run` in a microtask.
   */
  readonly afterTurn?: (run: () => void) => void;
}

export interface ChannelListener {
  bytes(chunk: Uint8Array): void;
  /** Called once, when the channel has ended. `why` is absent if the channel was closed without an error. */
  closed(why?: string): void;
  /**
   * Called when more than 64 KiB waited and all these bytes are now sent. It can also be called at other
   * times. A browser's socket never calls it.
   */
  drained?(): void;
  /**
   * Called when the far end sends no more but can still read. Without this function, this end closes its side
   * too. Only TCP and TLS have such a state.
   */
  finished?(): void;
}
