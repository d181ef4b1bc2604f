import type { Field, Target } from "./attack.ts";

/**
 * How clients of one protocol write. Attacks need nothing else of a protocol, so another port needs a framing and a
 * target, and then all attacks reach it.
 */
export interface Framing {
  /** What a client sends first of all, before its messages. Empty in most protocols. */
  readonly opening: (target: Target) => Uint8Array;
  /**
   * A whole message of a client that nobody knows. Its content is made up, and its texts contain the marker. `nth`
   * counts the messages of one connection from 0: together they are what a client says one after another.
   */
  readonly message: (target: Target, field: Field, nth: number) => Uint8Array;
  /** Many messages that a client may repeat at any time. Empty: the protocol has none. */
  readonly idle: Uint8Array;
  /** What a slow client sends, a byte at a time: the server accepts all of it before the first message is complete. */
  readonly slow: (target: Target, field: Field) => Uint8Array;
  /** A message whose header says that it is `claimed` bytes long, with this content. */
  readonly lying: (claimed: number, content: Uint8Array) => Uint8Array;
  /** Puts the bytes of messages into the transport. */
  readonly carried: (bytes: Uint8Array) => Uint8Array;
}

export const nothing = new Uint8Array(0);

/** For protocols whose messages are written as they are, one behind the other. */
export const plain = { opening: () => nothing, carried: (bytes: Uint8Array): Uint8Array => bytes };

/** Bytes behind a length of four bytes, the highest first. */
export function afterLength(claimed: number, content: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(claimed, 0);
  return Buffer.concat([length, content]);
}

/**
 * Attackers write this many bytes of the marker into a field of 24 bytes. They are enough to find the marker
 * in a log.
 */
export const markBytes = 16;
