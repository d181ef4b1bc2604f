import { messageBytesMax } from "./websocket-channel.ts";

export const libraryBounds = {
  // Compression saves little on short messages, and costs memory for every connection.
  perMessageDeflate: false,
  maxPayload: messageBytesMax,
  // Limits the fragments of one message, and the reads of one fragment.
  maxFragments: 128,
  maxBufferedChunks: 1_024,
  // Limits the answers to pings that wait here because the other end does not read them.
  maxPendingAutoPongs: 32,
  // The other end must answer a close frame within this many milliseconds.
  closeTimeout: 2_000,
};
