import { charToLogin, charToMap, loginToChar, mapToChar } from "@sallyport/cluster-protocol";
import { charDoorMessages, loginDoorMessages, mapDoorMessages } from "@sallyport/dialects/native";
import {
  type FrameKind,
  frameKinds,
  frameOverheadBytes,
  MessageCodec,
  type MessageTable,
} from "@sallyport/wire";
import type { EventLoop } from "./event-loop.ts";
import type { Fact, Observer, SaidMessage } from "./facts.ts";
import type { Tap } from "./network.ts";
import type { SimulatedProcess } from "./simulated-process.ts";

type Codec = MessageCodec<MessageTable>;
const codecOf = (table: MessageTable): Codec => new MessageCodec<MessageTable>(table);

const betweenServers: { readonly [route: string]: Codec } = {
  "char>login": codecOf(charToLogin),
  "login>char": codecOf(loginToChar),
  "map>char": codecOf(mapToChar),
  "char>map": codecOf(charToMap),
};
const doors: { readonly [kind: string]: Codec } = {
  login: codecOf(loginDoorMessages),
  char: codecOf(charDoorMessages),
  map: codecOf(mapDoorMessages),
};

interface Asked {
  readonly codec: Codec | undefined;
  readonly body: Uint8Array;
  /** Read at once only of what servers say to each other. */
  readonly message: SaidMessage;
}

/** Reads along on every stream: what servers say to each other, and what is answered to anybody. */
export class WireTap implements Tap {
  readonly #loop: EventLoop;
  readonly #observer: Observer;
  /** By channel, asker and correlation id. */
  readonly #asked = new Map<string, Asked>();
  /** By channel and sender: the beginning of a frame that a gateway has passed on so far. */
  readonly #begun = new Map<string, Uint8Array>();

  constructor(loop: EventLoop, observer: Observer) {
    this.#loop = loop;
    this.#observer = observer;
  }

  sent(channel: number, from: SimulatedProcess, to: SimulatedProcess, bytes: Uint8Array): void {
    const isOfGateway = from.kind === "gateway" || to.kind === "gateway";
    if (isOfGateway) this.#see({ type: "chunk", channel, life: from.life, bytes });
    // Whole frames: an outlet writes nothing less. A gateway passes on what came.
    if (from.kind !== "gateway") {
      this.#frames(channel, from, to, bytes);
      return;
    }
    const sender = `${channel} ${from.life}`;
    const begun = this.#begun.get(sender);
    const all = begun === undefined ? bytes : joined(begun, bytes);
    this.#begun.set(sender, all.slice(this.#frames(channel, from, to, all)));
  }

  /** Gives how many bytes it has read. */
  #frames(channel: number, from: SimulatedProcess, to: SimulatedProcess, bytes: Uint8Array): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0;
    while (at + frameOverheadBytes <= bytes.length) {
      const end = at + 4 + view.getUint32(at);
      if (end > bytes.length) break;
      const kind = frameKinds[view.getUint8(at + 4)];
      const correlationId = view.getUint32(at + 5);
      if (kind !== undefined && kind !== "ping" && kind !== "pong")
        this.#frame({ channel, correlationId }, from, to, kind, bytes.subarray(at + frameOverheadBytes, end));
      at = end;
    }
    return at;
  }

  over(channel: number): void {
    this.#see({ type: "channel-over", channel });
  }

  closed(channel: number, { kind, life }: SimulatedProcess): void {
    if (kind === "gateway") this.#see({ type: "gateway-ended", life, channel });
  }

  #frame(
    where: { readonly channel: number; readonly correlationId: number },
    from: SimulatedProcess,
    to: SimulatedProcess,
    kind: Exclude<FrameKind, "ping" | "pong">,
    body: Uint8Array,
  ): void {
    const about = { life: from.life, to: to.life, ...where };
    if (kind === "notice" || kind === "request") {
      const known = betweenServers[`${from.kind}>${to.kind}`];
      const codec = known ?? doors[to.kind];
      // What clients say is looked at only where a gateway says it to a server.
      const isLookedAt = known !== undefined || from.kind === "gateway";
      const message: SaidMessage =
        codec === undefined || !isLookedAt ? { type: "command" } : codec.decode(body).message;
      if (kind === "request") this.#asked.set(keyOf(from, where), { codec, body, message });
      this.#see({ type: "said", ...about, kind, message });
      return;
    }
    const asked = this.#asked.get(keyOf(to, where));
    this.#asked.delete(keyOf(to, where));
    if (asked === undefined) return;
    if (kind === "reply")
      return this.#see({ type: "answered", ...about, refusal: null, request: asked.message });
    const request = asked.codec?.decode(asked.body).message ?? asked.message;
    const refusal = asked.codec?.decodeRefusal(request.type, body).refusal ?? "unknown";
    this.#see({ type: "answered", ...about, refusal, request });
  }

  #see(fact: Fact): void {
    this.#observer.see(fact, this.#loop.nowMs);
  }
}

const keyOf = (
  { life }: SimulatedProcess,
  { channel, correlationId }: { readonly channel: number; readonly correlationId: number },
): string => `${channel} ${life} ${correlationId}`;

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
