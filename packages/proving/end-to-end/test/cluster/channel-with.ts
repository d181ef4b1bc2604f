import { type ByteChannel, memoryChannelPair } from "@sallyport/link";

/** Returns the channel with some of its methods replaced. */
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

/**
 * Creates memory channels. `over` may replace each end, and gets the name of the server or client at that
 * end.
 */
export const memoryPairs =
  (over: (channel: ByteChannel, name: string) => ByteChannel) =>
  (names: readonly [string, string]): readonly [ByteChannel, ByteChannel] => {
    const [near, far] = memoryChannelPair(names);
    return [over(near, names[0]), over(far, names[1])];
  };

/** Returns a channel that sends its bytes one at a time. */
export const bytewise = (channel: ByteChannel): ByteChannel =>
  channelWith(channel, { send: (bytes) => bytes.forEach((byte) => channel.send(Uint8Array.of(byte))) });
