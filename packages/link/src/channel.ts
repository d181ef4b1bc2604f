/** What carries the bytes of a channel, as far as this end sees: what stands in front of it is not known. */
export type Transport = "tcp" | "tls" | "ws" | "wss" | "memory";

/** An ordered two-way stream of bytes, whatever carries it. */
export interface ByteChannel {
  readonly transport: Transport;
  /** Where the other end is, for the log. */
  readonly remote: string;
  /** Called once, before anything arrives. */
  listen(listener: ChannelListener): void;
  send(bytes: Uint8Array): void;
  /** Bytes taken by `send` that the other end has not read yet, as far as is known here. */
  bufferedBytes(): number;
  /** Stops reading until `resume`, so that a flood fills the sender's buffers and not ours. */
  pause(): void;
  resume(): void;
  /** What was sent before still arrives. */
  close(): void;
  /** At once, whatever is still under way. */
  destroy(): void;
}

export interface ChannelListener {
  bytes(chunk: Uint8Array): void;
  /** Once, and nothing after it; `why`, where it was more than that the other end closed. */
  closed(why?: string): void;
  /** After more than 64 KiB had to wait: all of it has left. Also told at other times; never by a browser's socket. */
  drained?(): void;
  /**
   * The other end says no more, and may still listen. Who does not ask for this has its own side ended too. Told over
   * TCP and TLS: the others know no such state.
   */
  finished?(): void;
}
