import { charToLogin, charToMap, loginToChar, mapToChar } from "@sallyport/cluster-protocol";
import {
  charDoorEvents,
  charDoorMessages,
  loginDoorEvents,
  loginDoorMessages,
  mapDoorEvents,
  mapDoorMessages,
} from "@sallyport/dialects/native";
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

/** The codecs of the messages between servers, by kind of the sender and of the receiver. */
const betweenServers: { readonly [from: string]: { readonly [to: string]: Codec } } = {
  login: { char: codecOf(loginToChar) },
  char: { login: codecOf(charToLogin), map: codecOf(charToMap) },
  map: { char: codecOf(mapToChar) },
};
/** The codecs of the messages between clients and servers, by kind of server. */
const doors: { readonly [kind: string]: Codec } = {
  login: codecOf(loginDoorMessages),
  char: codecOf(charDoorMessages),
  map: codecOf(mapDoorMessages),
};
const doorEvents: { readonly [kind: string]: Codec } = {
  login: codecOf(loginDoorEvents),
  char: codecOf(charDoorEvents),
  map: codecOf(mapDoorEvents),
};

/** The requests whose replies are facts. */
const readReplies: ReadonlySet<string> = new Set(["login.password", "login.prove", "character.leave"]);

interface SaidReply {
  readonly loginId1?: number;
  readonly isReleased?: boolean;
}
const unsaid = { loginId1: null, isReleased: null } as const;
const unknown = { message: { type: "command" }, ttlMs: 0 } as const;

interface PendingRequest {
  readonly codec: Codec | undefined;
  readonly message: SaidMessage;
}

/** Reads every stream, and reports the notices, requests and answers on it as facts. */
export class WireTap implements Tap {
  readonly #loop: EventLoop;
  readonly #observer: Observer;
  /** Requests without an answer. The key is a channel with an asker and a correlation id. */
  readonly #asked = new Map<string, PendingRequest>();
  /** Bytes of an incomplete frame that a gateway passed on. The key is a channel with a sender. */
  readonly #begun = new Map<string, Uint8Array>();
  /** Channels that are over. If bytes are sent on such a channel, nobody reads them. */
  readonly #over = new Set<number>();

  constructor(loop: EventLoop, observer: Observer) {
    this.#loop = loop;
    this.#observer = observer;
  }

  sent(channel: number, from: SimulatedProcess, to: SimulatedProcess, bytes: Uint8Array): void {
    const isOfGateway = from.kind === "gateway" || to.kind === "gateway";
    if (isOfGateway) this.#see({ type: "chunk", channel, life: from.life, bytes });
    if (this.#over.has(channel)) return;
    // Each write of a server or client consists of whole frames. A write of a gateway can end within a frame.
    if (from.kind !== "gateway") {
      this.#frames(channel, from, to, bytes);
      return;
    }
    const sender = `${channel} ${from.life}`;
    const begun = this.#begun.get(sender);
    const all = begun === undefined ? bytes : joined(begun, bytes);
    this.#begun.set(sender, all.slice(this.#frames(channel, from, to, all)));
  }

  /** Reads whole frames. Returns how many bytes it has read. */
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

  over(channel: number, by: string | null, isTold: boolean): void {
    this.#over.add(channel);
    this.#see({ type: "channel-over", channel, by, isTold });
  }

  closed(channel: number, { kind, life }: SimulatedProcess): void {
    this.#see({ type: "channel-heard", channel, life });
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
      const codec = betweenServers[from.kind]?.[to.kind] ?? doors[to.kind] ?? doorEvents[from.kind];
      const { message, ttlMs }: { message: SaidMessage; ttlMs: number } = codec?.decode(body) ?? unknown;
      if (kind === "request") this.#asked.set(keyOf(from, where), { codec, message });
      this.#see({ type: "said", ...about, kind, ttlMs, message });
      return;
    }
    const asked = this.#asked.get(keyOf(to, where));
    this.#asked.delete(keyOf(to, where));
    if (asked === undefined) return;
    const { codec, message: request } = asked;
    if (kind === "reply") {
      const isRead = codec !== undefined && readReplies.has(request.type);
      const reply = isRead ? (codec.decodeReply(request.type, body) as SaidReply) : {};
      const { loginId1 = null, isReleased = null } = reply;
      return this.#see({ type: "answered", ...about, refusal: null, request, loginId1, isReleased });
    }
    const refusal = codec?.decodeRefusal(request.type, body).refusal ?? "unknown";
    this.#see({ type: "answered", ...about, refusal, request, ...unsaid });
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
