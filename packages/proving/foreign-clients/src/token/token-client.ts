import { ByteStream, type Place } from "../byte-stream.ts";

/** An answer of the token port, with whatever fields it has. */
export type TokenAnswer = { readonly [field: string]: unknown };

/** A request as the seed's client sends it: the length of the JSON in four bytes, and the JSON. */
export function requestFrame(request: unknown): Buffer {
  const json = Buffer.from(JSON.stringify(request), "utf8");
  const frame = Buffer.alloc(4 + json.length);
  frame.writeUInt32BE(json.length, 0);
  json.copy(frame, 4);
  return frame;
}

/** A client of the token port of seed 002. */
export class TokenClient {
  readonly stream: ByteStream;

  private constructor(stream: ByteStream) {
    this.stream = stream;
  }

  static async connect(place: Place, from?: string): Promise<TokenClient> {
    return new TokenClient(await ByteStream.open(place, from));
  }

  /** Null if the server closed the connection without an answer. */
  async asks(request: unknown): Promise<TokenAnswer | null> {
    this.stream.send(requestFrame(request));
    return this.answer();
  }

  async answer(): Promise<TokenAnswer | null> {
    const length = await this.stream.take(4);
    const json = length && (await this.stream.take(length.readUInt32BE(0)));
    return json && (JSON.parse(json.toString("utf8")) as TokenAnswer);
  }
}
