import { ByteStream, type Place } from "../byte-stream.ts";

const fieldBytes = 64;

/** A request as the seed's test clients send it. A text that is longer than its field is cut. */
export function requestBytes(type: number, email: string, password: string): Buffer {
  const packet = Buffer.alloc(2 + 2 * fieldBytes);
  packet.writeInt16BE(type, 0);
  packet.write(email, 2, fieldBytes, "utf8");
  packet.write(password, 2 + fieldBytes, fieldBytes, "utf8");
  return packet;
}

export interface Verified {
  readonly status: number;
  readonly authenticationId: Buffer;
  readonly eventPort: number;
}

/** A client of the A series. An answer of another type than it waits for is an error. */
export class ASeriesClient {
  readonly stream: ByteStream;

  private constructor(stream: ByteStream) {
    this.stream = stream;
  }

  static async connect(place: Place, from?: string): Promise<ASeriesClient> {
    return new ASeriesClient(await ByteStream.open(place, from));
  }

  /** Sends 0xa1 and reads 0xa2. Null if the server closed the connection. */
  async authenticates(email: string, password: string): Promise<Verified | null> {
    this.stream.send(requestBytes(0xa1, email, password));
    return this.verified();
  }

  async verified(): Promise<Verified | null> {
    const packet = await this.#answer(0xa2, 22);
    if (packet === null) return null;
    return {
      status: packet.readInt16BE(2),
      authenticationId: packet.subarray(4, 20),
      eventPort: packet.readInt16BE(20),
    };
  }

  /** Sends 0xa3 and reads the status of 0xa4. Null if the server closed the connection. */
  async registers(email: string, password: string): Promise<number | null> {
    this.stream.send(requestBytes(0xa3, email, password));
    const packet = await this.#answer(0xa4, 4);
    return packet?.readInt16BE(2) ?? null;
  }

  async #answer(type: number, bytes: number): Promise<Buffer | null> {
    const packet = await this.stream.take(bytes);
    if (packet !== null && packet.readInt16BE(0) !== type)
      throw this.stream.foreign(`an answer of type ${packet.readInt16BE(0)} instead of ${type}`);
    return packet;
  }
}
