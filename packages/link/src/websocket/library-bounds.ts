import { messageBytesMax } from "./websocket-channel.ts";

/** What `ws` is told, at either end. */
export const libraryBounds = {
  // It saves little on short messages, and costs memory for every connection.
  perMessageDeflate: false,
  maxPayload: messageBytesMax,
  // One message may come in as many parts, and one part in as many reads.
  maxFragments: 128,
  maxBufferedChunks: 1_024,
  // Pings that the other end sent and whose answers it does not read.
  maxPendingAutoPongs: 32,
  // For the other end to answer a goodbye.
  closeTimeout: 2_000,
};
