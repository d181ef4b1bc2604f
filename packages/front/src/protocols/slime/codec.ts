import { Buffer } from "node:buffer";
import type { CodePage } from "@sallyport/dialects/ragnarok";
import { WireError } from "@sallyport/wire";
import type { Codec } from "../../protocol.ts";
import { decrypted, encrypted, payloadBytesMax } from "./cipher.ts";
import { readSaid, type SlimeSaid } from "./said.ts";
import { type SlimeTold, toldPayload } from "./told.ts";

const headerBytes = 2;

/**
 * Frames: the length of the payload, unsigned 16-bit in little-endian and not encrypted, then the payload. Throws
 * `WireError` if a client announces a payload of more than `payloadBytesMax` bytes.
 */
export class SlimeCodec implements Codec<SlimeSaid, SlimeTold> {
  readonly #codePage: CodePage;
  #unread: Buffer = Buffer.alloc(0);

  constructor(codePage: CodePage) {
    this.#codePage = codePage;
  }

  read(bytes: Uint8Array): readonly SlimeSaid[] {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    const said: SlimeSaid[] = [];
    while (this.#unread.length >= headerBytes) {
      const length = this.#unread.readUInt16LE(0);
      if (length > payloadBytesMax) throw new WireError("frame", `longer than ${payloadBytesMax} bytes`);
      const end = headerBytes + length;
      if (this.#unread.length < end) break;
      said.push(readSaid(decrypted(this.#unread.subarray(headerBytes, end)), this.#codePage));
      this.#unread = this.#unread.subarray(end);
    }
    return said;
  }

  write(message: SlimeTold): Uint8Array {
    const payload = toldPayload(message, this.#codePage);
    const header = Buffer.alloc(headerBytes);
    header.writeUInt16LE(payload.length);
    return Buffer.concat([header, encrypted(payload)]);
  }
}
