/** The transport of a channel, as this end sees it. A proxy in front of the other end is not visible. */
export type Transport = "tcp" | "tls" | "ws" | "wss" | "memory";

/** An ordered two-way stream of bytes, whatever carries it. */
export interface ByteChannel {
  readonly transport: Transport;
  /** Address of the other end, for the log. */
  readonly remote: string;
  /** Called once, before anything arrives. */
  listen(listener: ChannelListener): void;
  send(bytes: Uint8Array): void;
  /** Bytes that `send` took and the other end has not read yet, as far as this end knows. */
  bufferedBytes(): number;
  /** Stops reading until `resume`, so that a flood fills the sender's buffers and not ours. */
  pause(): void;
  resume(): void;
  /** Bytes that were sent before still arrive. */
  close(): void;
  /** Ends at once, and drops the bytes that are still under way. */
  destroy(): void;
}

export interface ChannelListener {
  bytes(chunk: Uint8Array): void;
  /** Called once, as the last call. `why` is given if the reason is more than a close by the other end. */
  closed(why?: string): void;
  /**
   * Called when more than 64 KiB had to wait and all of it has left. Also called at other times, but never
   * for a browser's socket.
   */
  drained?(): void;
  /**
   * The other end sends no more, but may still read. Without this function, this end closes its side too.
   * Called over TCP and TLS only: the other transports have no such state.
   */
  finished?(): void;
}
