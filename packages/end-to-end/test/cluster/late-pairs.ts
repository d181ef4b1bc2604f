import { type ByteChannel, memoryChannelPair } from "@sallyport/link";
import type { Pair } from "./test-cluster.ts";

/**
 * Memory channels on which everything arrives in order, but late by as many turns of the event loop as is said.
 * `turnsNow` is asked for each new channel, and what it gives for each chunk.
 */
export function latePairs(turnsNow: () => () => number): Pair {
  return (names) => {
    const [near, far] = memoryChannelPair(names);
    const turns = turnsNow();
    return [late(near, turns), late(far, turns)];
  };
}

function late(channel: ByteChannel, turns: () => number): ByteChannel {
  let last: Promise<void> = Promise.resolve();
  const later = (run: () => void): void => {
    last = last.then(async () => {
      for (let left = turns(); left > 0; left -= 1) await new Promise((resolve) => setImmediate(resolve));
      run();
    });
  };
  return {
    remote: channel.remote,
    listen: (listener) =>
      channel.listen({
        bytes: (chunk) => later(() => listener.bytes(chunk)),
        closed: () => later(() => listener.closed()),
      }),
    send: (bytes) => channel.send(bytes),
    bufferedBytes: () => channel.bufferedBytes(),
    pause: () => channel.pause(),
    resume: () => channel.resume(),
    close: () => channel.close(),
    destroy: () => channel.destroy(),
  };
}
