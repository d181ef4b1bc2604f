import type { ByteChannel } from "@sallyport/link";
import { encodeFrame, type Frame, FrameSplitter, MessageCodec, type MessageTable } from "@sallyport/wire";
import { channelWith } from "./channel-with.ts";

/** `asked`: the checkpoint stops a message on its way in. `answered`: it stops the answer on its way out. */
export type Stretch = "asked" | "answered";

/**
 * `swallow`: the message is lost, and later ones arrive. `hold`: the message and all later ones wait for
 * `release`. `cut`: the message is lost, and the channel is destroyed.
 */
export type Fate = "swallow" | "hold" | "cut";

/** Watches one end of a channel, and stops messages of one name or the answers to them. */
export class Checkpoint {
  readonly #codec: MessageCodec<MessageTable>;
  #stops: { readonly message: string; readonly stretch: Stretch; readonly fate: Fate } | null = null;
  #stopped = 0;
  #held: (() => void)[] | null = null;

  constructor(receives: MessageTable) {
    this.#codec = new MessageCodec(receives);
  }

  get stopped(): number {
    return this.#stopped;
  }

  /** Stops these messages until the next call of `stop` or `release`. */
  stop(message: string, stretch: Stretch, fate: Fate): void {
    this.#stops = { message, stretch, fate };
  }

  /** Delivers the held messages. After this call, all messages pass. */
  release(): void {
    this.#stops = null;
    const held = this.#held ?? [];
    this.#held = null;
    for (const goOn of held) goOn();
  }

  before(channel: ByteChannel): ByteChannel {
    const incoming = new FrameSplitter(Number.MAX_SAFE_INTEGER);
    const outgoing = new FrameSplitter(Number.MAX_SAFE_INTEGER);
    const asked = new Map<number, string>();
    const cut = (): void => channel.destroy();
    return channelWith(channel, {
      listen: (listener) =>
        channel.listen({
          bytes: (chunk) => {
            for (const frame of incoming.push(chunk)) {
              const name = this.#nameOf(frame);
              if (frame.kind === "request") asked.set(frame.correlationId, name);
              this.#pass("asked", name, cut, () => listener.bytes(encode(frame)));
            }
          },
          closed: () => listener.closed(),
        }),
      send: (bytes) => {
        for (const frame of outgoing.push(bytes)) {
          const isAnswer = frame.kind === "reply" || frame.kind === "refusal";
          const name = isAnswer ? (asked.get(frame.correlationId) ?? "") : "";
          this.#pass("answered", name, cut, () => channel.send(encode(frame)));
        }
      },
    });
  }

  #pass(stretch: Stretch, name: string, cut: () => void, goOn: () => void): void {
    const stops = this.#stops;
    if (stops?.stretch !== stretch) return goOn();
    if (this.#held !== null) return void this.#held.push(goOn);
    if (stops.message !== name) return goOn();
    this.#stopped += 1;
    if (stops.fate === "hold") this.#held = [goOn];
    else if (stops.fate === "cut") cut();
  }

  #nameOf({ kind, body }: Frame): string {
    return kind === "request" || kind === "notice" ? this.#codec.decode(body).message.type : "";
  }
}

const encode = ({ kind, correlationId, body }: Frame): Uint8Array => encodeFrame(kind, correlationId, body);
