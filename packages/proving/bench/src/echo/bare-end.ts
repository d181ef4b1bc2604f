import type { ByteChannel } from "@sallyport/link";
import { Packr } from "msgpackr";

const packr = new Packr({ useRecords: false });
const lengthBytes = 4;

/**
 * One end of a connection that carries values in frames. It writes once in each turn of the event loop, as a
 * link does.
 */
export class BareEnd {
  readonly #channel: ByteChannel;
  #output: Buffer[] = [];
  #rest: Buffer = Buffer.alloc(0);

  constructor(channel: ByteChannel, heard: (value: unknown) => void) {
    this.#channel = channel;
    channel.listen({
      bytes: (chunk) => {
        this.#rest = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk]);
        let at = 0;
        while (at + lengthBytes <= this.#rest.length) {
          const end = at + lengthBytes + this.#rest.readUInt32LE(at);
          if (end > this.#rest.length) break;
          heard(packr.unpack(this.#rest.subarray(at + lengthBytes, end)));
          at = end;
        }
        this.#rest = this.#rest.subarray(at);
      },
      closed: () => {},
    });
  }

  send(value: unknown): void {
    if (this.#output.length === 0) queueMicrotask(() => this.#flush());
    const packed = packr.pack(value);
    const length = Buffer.allocUnsafe(lengthBytes);
    length.writeUInt32LE(packed.length);
    this.#output.push(length, packed);
  }

  #flush(): void {
    this.#channel.send(Buffer.concat(this.#output));
    this.#output = [];
  }
}
