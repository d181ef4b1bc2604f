import type { ByteChannel } from "@sallyport/link";
import { FrameSplitter } from "@sallyport/wire";
import { channelWith, memoryPairs } from "./channel-with.ts";

/** MessagePack's type codes for byte strings of up to 255 bytes and for unsigned 32-bit numbers. */
const bin8 = 0xc4;
const uint32 = 0xce;
/**
 * Byte strings outside these lengths are no secrets. Secrets have 16 or 32 bytes. The cells of a map have
 * more.
 */
const bytesMin = 8;
const bytesMax = 64;
/** Smaller numbers are account or character ids, and no login ids. Times need more than 32 bits. */
const loginIdMin = 10_000_000;

/** Collects the secrets that are sent over any connection: byte strings and login ids. */
export class Overheard {
  readonly bytes = new Set<string>();
  readonly loginIds = new Set<number>();

  /** Creates connections and listens to both ends. */
  readonly pair = memoryPairs((channel) => this.listenTo(channel));

  /** Records all secrets that this end sends. It must send whole frames. */
  listenTo(channel: ByteChannel): ByteChannel {
    const frames = new FrameSplitter(4 << 20);
    return channelWith(channel, {
      send: (bytes) => {
        for (const { body } of frames.push(bytes)) this.#keep(body);
        channel.send(bytes);
      },
    });
  }

  /**
   * Text may contain bytes that look like a byte string or a number. This method keeps such bytes as secrets
   * too, which does no harm.
   */
  #keep(body: Uint8Array): void {
    const bytes = Buffer.from(body);
    for (const [at, byte] of bytes.entries()) {
      if (byte === bin8 && at + 1 < bytes.length) {
        const length = bytes.readUInt8(at + 1);
        const end = at + 2 + length;
        if (length >= bytesMin && length <= bytesMax && end <= bytes.length) {
          this.bytes.add(bytes.subarray(at + 2, end).toString("hex"));
        }
      } else if (byte === uint32 && at + 5 <= bytes.length) {
        const value = bytes.readUInt32BE(at + 1);
        if (value >= loginIdMin) this.loginIds.add(value);
      }
    }
  }

  /** Yields every form in which a secret, or a recognisable part of a secret, could appear in a log line. */
  *writtenForms(): Generator<string> {
    for (const hex of this.bytes) {
      const bytes = Buffer.from(hex, "hex");
      yield hex.slice(0, 16);
      yield bytes.toString("base64").slice(0, 10);
      yield bytes.toString("base64url").slice(0, 10);
      yield [...bytes.subarray(0, 6)].join(",");
    }
    for (const id of this.loginIds) {
      yield String(id);
      yield id.toString(16).padStart(8, "0");
    }
  }
}
