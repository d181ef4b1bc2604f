import type { ByteChannel } from "@sallyport/link";

/** The same channel with some of its methods replaced. */
export const channelWith = (channel: ByteChannel, instead: Partial<ByteChannel>): ByteChannel => ({
  transport: channel.transport,
  remote: channel.remote,
  listen: (listener) => channel.listen(listener),
  send: (bytes) => channel.send(bytes),
  bufferedBytes: () => channel.bufferedBytes(),
  pause: () => channel.pause(),
  resume: () => channel.resume(),
  close: () => channel.close(),
  destroy: () => channel.destroy(),
  ...instead,
});

/** A channel that sends one byte at a time. */
export const bytewise = (channel: ByteChannel): ByteChannel =>
  channelWith(channel, { send: (bytes) => bytes.forEach((byte) => channel.send(Uint8Array.of(byte))) });
