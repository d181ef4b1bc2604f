import { type ByteChannel, memoryChannelPair } from "@sallyport/link";
import { FrameSplitter } from "@sallyport/wire";
import { channelWith } from "./channel-with.ts";

/** MessagePack: bytes of up to 255, and unsigned numbers of 32 bits. */
const bin8 = 0xc4;
const uint32 = 0xce;
/** Secrets are of 16 and 32 bytes; a map's cells are more. */
const bytesMin = 8;
const bytesMax = 64;
/** Account and character ids are far below, times take more than 32 bits. */
const loginIdMin = 10_000_000;

/** Everything secret that went over any connection: bytes of all kinds, and login ids. */
export class Overheard {
  readonly bytes = new Set<string>();
  readonly loginIds = new Set<number>();

  /** Pairs whose two ends are listened to. */
  readonly pair = (names: readonly [string, string]): readonly [ByteChannel, ByteChannel] => {
    const [near, far] = memoryChannelPair(names);
    return [this.listenTo(near), this.listenTo(far)];
  };

  /** What is sent from this end, which has to be frames. */
  listenTo(channel: ByteChannel): ByteChannel {
    const frames = new FrameSplitter(4 << 20);
    return channelWith(channel, {
      send: (bytes) => {
        for (const { body } of frames.push(bytes)) this.#keep(body);
        channel.send(bytes);
      },
    });
  }

  /** Where text looks like one of the two, something is taken for a secret that is none: no harm is done by that. */
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

  /** Every way in which one of them could be written into a line, or a recognisable part of it. */
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
