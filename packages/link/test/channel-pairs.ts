import type { ByteChannel } from "../src/index.ts";
import { memoryChannelPair } from "../src/index.ts";
import { connectTcp, listenTcp } from "../src/tcp/index.ts";

/** Two ends of one channel. */
export type ChannelPair = readonly [ByteChannel, ByteChannel];

export const host = "127.0.0.1";

export async function tcpPair(): Promise<ChannelPair> {
  let accepted: (channel: ByteChannel) => void = () => {};
  const accepting = new Promise<ByteChannel>((resolve) => {
    accepted = resolve;
  });
  const listener = await listenTcp({ host, port: 0 }, accepted);
  const connected = await connectTcp(listener.address, 5_000);
  const pair = [connected, await accepting] as const;
  await listener.stop();
  return pair;
}

/** Everything that carries a link. */
export const carriers: readonly (readonly [string, () => Promise<ChannelPair>])[] = [
  ["memory", async () => memoryChannelPair(["a", "b"])],
  ["TCP", tcpPair],
];
