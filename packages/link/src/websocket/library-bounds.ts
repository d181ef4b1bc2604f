import { messageBytesMax } from "./websocket-channel.ts";

/** Options for `ws` at either end. */
export const libraryBounds = {
  // Compression saves little on short messages, and costs memory for every connection.
  perMessageDeflate: false,
  maxPayload: messageBytesMax,
  // Limits the parts of one message, and the reads that one part takes.
  maxFragments: 128,
  maxBufferedChunks: 1_024,
  // Limits pings from an end that does not read their answers.
  maxPendingAutoPongs: 32,
  // The time that the other end has to answer a close frame.
  closeTimeout: 2_000,
};
