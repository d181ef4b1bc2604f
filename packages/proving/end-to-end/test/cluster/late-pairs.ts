import type { ByteChannel } from "@sallyport/link";
import { channelWith, memoryPairs } from "./channel-with.ts";
import type { Pair } from "./test-cluster.ts";
import { turn } from "./walker.ts";

/**
 * Creates memory channels that deliver in order, but some event loop turns late. `turnsNow` is called for
 * each new channel. The function that it returns gives the delay of each chunk.
 */
export const latePairs = (turnsNow: () => () => number): Pair =>
  memoryPairs((channel) => late(channel, turnsNow()));

function late(channel: ByteChannel, turns: () => number): ByteChannel {
  let last: Promise<void> = Promise.resolve();
  const later = (run: () => void): void => {
    last = last.then(async () => {
      for (let left = turns(); left > 0; left -= 1) await turn();
      run();
    });
  };
  return channelWith(channel, {
    listen: (listener) =>
      channel.listen({
        bytes: (chunk) => later(() => listener.bytes(chunk)),
        closed: () => later(() => listener.closed()),
      }),
  });
}
