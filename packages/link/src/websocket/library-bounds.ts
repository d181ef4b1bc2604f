import { messageBytesMax } from "./websocket-channel.ts";

export const libraryBounds = {
  // Compression saves little on short messages, and costs memory for every connection.
  perMessageDeflate: false,
  maxPayload: messageBytesMax,
  // Limits the number of fragments of one message, and the number of pieces of one fragment.
  maxFragments: 128,
  maxBufferedChunks: 1_024,
  // Limits the number of answers to pings that wait because the far end does not read.
  maxPendingAutoPongs: 32,
  // The far end must answer a close frame within this many milliseconds.
  closeTimeout: 2_000,
};
