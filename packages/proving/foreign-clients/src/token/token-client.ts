import { ByteStream, type Place } from "../byte-stream.ts";
import { jsonFrame, takeJson } from "../json-frames.ts";

/** An answer of the token port, with whatever fields it has. */
export type TokenAnswer = { readonly [field: string]: unknown };

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
    this.stream.send(jsonFrame(request));
    return this.answer();
  }

  async answer(): Promise<TokenAnswer | null> {
    return (await takeJson(this.stream)) as TokenAnswer | null;
  }
}
