import { ByteStream, type Place } from "../byte-stream.ts";
import { jsonFrame, takeJson } from "../json-frames.ts";

/** What the server answers, as JSON. */
export interface ResourceReply {
  readonly success: boolean;
  readonly data: unknown;
  readonly refusal?: string;
}

/** A client of the resource server of seed 002. It keeps its connection, and says who it is in each request. */
export class ResourceClient {
  readonly stream: ByteStream;
  readonly #identity: string;
  readonly #token: string;

  private constructor(stream: ByteStream, { identity, token }: { identity: string; token: string }) {
    this.stream = stream;
    this.#identity = identity;
    this.#token = token;
  }

  static async connect(
    place: Place,
    who: { readonly identity: string; readonly token: string },
    from?: string,
  ): Promise<ResourceClient> {
    return new ResourceClient(await ByteStream.open(place, from), who);
  }

  /** Sends a request, and does not wait. */
  send(type: unknown, fields: object = {}): void {
    this.stream.send(jsonFrame({ type, identity: this.#identity, token: this.#token, ...fields }));
  }

  /** Reads one answer. Null if the server closed the connection. */
  async reply(): Promise<ResourceReply | null> {
    return (await takeJson(this.stream)) as ResourceReply | null;
  }

  async asks(type: unknown, fields: object = {}): Promise<ResourceReply | null> {
    this.send(type, fields);
    return this.reply();
  }

  /** The data of a request that has to succeed. */
  async gets<Data>(type: number, fields: object = {}): Promise<Data> {
    const reply = await this.asks(type, fields);
    if (reply?.success !== true) throw new Error(`request ${type}: ${JSON.stringify(reply)}`);
    return reply.data as Data;
  }
}
