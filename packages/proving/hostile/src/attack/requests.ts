import { type Frame, FrameSplitter } from "@sallyport/wire";
import type { Field, Target } from "./attack.ts";
import { aSeriesFraming, chatFraming, lineFraming, slimeFraming, tokenFraming } from "./foreign-framings.ts";
import type { Framing } from "./framing.ts";
import { httpFraming, keysHttpFraming } from "./http-framings.ts";
import {
  encodeRequest,
  linkFraming,
  type Message,
  nativeFraming,
  webSocketFraming,
} from "./native-framing.ts";
import { ragnarokFraming } from "./ragnarok-framing.ts";
import type { RawConnection } from "./raw-connection.ts";
import { resourceFraming } from "./resource-framing.ts";

export const framings: { readonly [K in Target["kind"]]: Framing } = {
  tcp: nativeFraming,
  websocket: webSocketFraming,
  ragnarok: ragnarokFraming,
  link: linkFraming,
  "a-series": aSeriesFraming,
  token: tokenFraming,
  chat: chatFraming,
  line: lineFraming,
  slime: slimeFraming,
  resource: resourceFraming,
  http: httpFraming,
  "keys-http": keysHttpFraming,
};

/** Sends messages in well-formed frames with made-up content. */
export class Asker {
  readonly #connection: RawConnection;
  readonly #target: Target;
  readonly #framing: Framing;
  #asked = 0;

  constructor(connection: RawConnection, target: Target) {
    this.#connection = connection;
    this.#target = target;
    this.#framing = framings[target.kind];
    connection.write(this.#framing.opening(target));
  }

  /** Sends a request of the native protocol. */
  ask(message: Message): void {
    this.#asked += 1;
    this.#write(encodeRequest(this.#target, this.#asked, message));
  }

  askAsStranger(field: Field): void {
    const message = this.#framing.message(this.#target, field, this.#asked);
    this.#asked += 1;
    this.#write(message);
  }

  /**
   * Sends many pings at once, if the protocol has them. The server answers pings of a native client and ignores
   * pings of a Ragnarok client.
   */
  ping(): void {
    this.#write(this.#framing.idle);
  }

  #write(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#connection.write(this.#framing.carried(bytes));
  }
}

/** Calls `answered` for each answer on a native TCP connection. */
export function onAnswers(connection: RawConnection, answered: (frame: Frame) => void): void {
  const splitter = new FrameSplitter(4 << 20);
  connection.onBytes((chunk) => {
    for (const frame of splitter.push(chunk)) {
      if (frame.kind === "reply" || frame.kind === "refusal") answered(frame);
    }
  });
}

/** Returns the first bytes of a client that is not logged in, up to the end of its first message. */
export function firstBytes(target: Target, field: Field): Uint8Array {
  const { opening, message, carried } = framings[target.kind];
  return Buffer.concat([opening(target), carried(message(target, field, 0))]);
}
