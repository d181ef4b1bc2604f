import type { Dialect, DialectStream, Incoming, Introduction } from "@sallyport/dialects";
import { plainIntroduction } from "@sallyport/dialects/native";
import type { Codec, Protocol } from "./protocol.ts";

/**
 * A protocol as a dialect of a client door, so that the door's bounds hold for it too. Its messages are the
 * commands. They have no answers: everything that a client is told is an event.
 */
export type FrontDoor = {
  commands: {
    [message: string]: { takes: object; gives: Record<never, never>; refusals: never };
  };
  events: { told: { message: unknown } };
};

export function dialectOf<
  State extends { readonly at: string },
  Said extends { readonly type: string },
  Told,
>({
  name,
  secondLogin,
  codec,
  afterLastByte,
  clientsMax = Number.POSITIVE_INFINITY,
}: Protocol<State, Said, Told>): Dialect<FrontDoor> {
  const introduction: Introduction = { ...plainIntroduction, dialect: name };
  return {
    name,
    secondLogin,
    ...(afterLastByte && { afterLastByte }),
    clientsMax,
    open: () => new ProtocolStream(codec(), introduction),
  };
}

class ProtocolStream<Said extends { readonly type: string }, Told> implements DialectStream<FrontDoor> {
  readonly introduction: Introduction;
  readonly isWrittenApart = true;
  readonly #codec: Codec<Said, Told>;
  #output: Uint8Array[] = [];

  constructor(codec: Codec<Said, Told>, introduction: Introduction) {
    this.#codec = codec;
    this.introduction = introduction;
  }

  receive(bytes: Uint8Array): Incoming<FrontDoor>[] {
    const messages = this.#codec.read(bytes);
    return messages.map((command) => ({ command, answerTo: 0, expiresMs: Number.POSITIVE_INFINITY }));
  }

  answer(): Incoming<FrontDoor>[] {
    return [];
  }

  event({ message }: { readonly message: unknown }): void {
    const bytes = this.#codec.write(message as Told);
    if (bytes.length > 0) this.#output.push(bytes);
  }

  tick(): "alive" {
    return "alive";
  }

  takeOutput(): readonly Uint8Array[] {
    return this.#output.splice(0);
  }
}
