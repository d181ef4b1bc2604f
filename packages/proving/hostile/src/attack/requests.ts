import { charToLogin, clusterProtocolVersion } from "@sallyport/cluster-protocol";
import { charDoorMessages, helloFrame, loginDoorMessages, mapDoorMessages } from "@sallyport/dialects/native";
import { clientPackets } from "@sallyport/ragnarok-load";
import type { Random } from "@sallyport/random";
import { encodeFrame, type Frame, FrameSplitter, MessageCodec, type MessageTable } from "@sallyport/wire";
import type { Field, Target } from "./attack.ts";
import { junk, upgradeRequest, webSocketFrame } from "./bytes.ts";
import type { RawConnection } from "./raw-connection.ts";

type Message = { readonly type: string } & Record<string, unknown>;

const anyMessage = (table: MessageTable): { encode(message: Message, ttlMs: number): Uint8Array } =>
  new MessageCodec(table) as unknown as { encode(message: Message, ttlMs: number): Uint8Array };
const codecs = {
  login: anyMessage(loginDoorMessages),
  char: anyMessage(charDoorMessages),
  map: anyMessage(mapDoorMessages),
  link: anyMessage(charToLogin),
};
const ttlMs = 20_000;
const ping = encodeFrame("ping", 0);
export const pings = Buffer.alloc(ping.length * 5_000, ping);
export const ragnarokPings = Buffer.alloc(6 * 5_000, clientPackets.ping(0));

/** Sends requests in well-formed frames with made-up content. */
export class Asker {
  readonly #connection: RawConnection;
  readonly #target: Target;
  #lastId = 0;

  constructor(connection: RawConnection, target: Target) {
    this.#connection = connection;
    this.#target = target;
    if (target.kind === "websocket") connection.write(upgradeRequest(target));
    if (target.kind === "websocket" || target.kind === "tcp") this.#write(helloFrame());
  }

  ask(message: Message): void {
    this.#lastId += 1;
    this.#write(encodeRequest(this.#target, this.#lastId, message));
  }

  askAsStranger(field: Field): void {
    if (this.#target.kind === "ragnarok") this.#write(strangersPacket(this.#target, field));
    else this.ask(strangersRequest(this.#target, field));
  }

  /**
   * Sends many pings at once. The server answers pings of a native client and ignores pings of a Ragnarok
   * client.
   */
  ping(): void {
    this.#write(this.#target.kind === "ragnarok" ? ragnarokPings : pings);
  }

  #write(bytes: Uint8Array): void {
    this.#connection.write(this.#target.kind === "websocket" ? webSocketFrame(bytes) : bytes);
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

/**
 * Attackers write this many bytes of the marker into a field of 24 bytes. They are enough to find the marker
 * in a log.
 */
export const markBytes = 16;

const id = (random: Random): number => random.whole(1, 0x7fff_ffff);

/** Returns the first bytes of a client that is not logged in. */
export function firstBytes(target: Target, field: Field): Uint8Array {
  if (target.kind === "ragnarok") return strangersPacket(target, field);
  const asked = encodeRequest(target, 1, strangersRequest(target, field));
  if (target.kind === "link") return asked;
  const request = Buffer.concat([helloFrame(), asked]);
  if (target.kind !== "websocket") return request;
  return Buffer.concat([Buffer.from(upgradeRequest(target)), webSocketFrame(request)]);
}

function encodeRequest({ tier, kind }: Target, requestId: number, message: Message): Uint8Array {
  const codec = codecs[kind === "link" ? "link" : tier];
  return encodeFrame("request", requestId, codec.encode(message, ttlMs));
}

/** Returns a request of a client that is not logged in. The door accepts the request. */
function strangersRequest({ tier, kind }: Target, { random, marker }: Field): Message {
  const [accountId, charId, loginId1, loginId2] = [id(random), id(random), id(random), id(random)];
  if (kind === "link") {
    const hello = { version: clusterProtocolVersion, server: "alpha", username: marker.slice(0, 64) };
    return { type: "link.hello", ...hello, nonce: junk(random, 32) };
  }
  switch (tier) {
    case "login":
      return { type: "login.salt", name: `${marker}_${random.whole(0, 9_999)}` };
    case "char":
      return { type: "char.enter", accountId, loginId1, loginId2, sex: "female" };
    case "map":
      return { type: "map.enter", accountId, charId, loginId1, sex: "female" };
  }
}

/** Returns the first packet of a Ragnarok client that is not logged in. */
function strangersPacket({ tier }: Target, { random, marker }: Field): Uint8Array {
  const [accountId, charId, loginId1, loginId2] = [id(random), id(random), id(random), id(random)];
  const ids = { accountId, loginId1, loginId2, sex: 0 };
  switch (tier) {
    case "login":
      return clientPackets.login(
        `${marker.slice(0, markBytes)}_${random.whole(0, 99)}`,
        marker.slice(0, markBytes),
      );
    case "char":
      return clientPackets.enterChar(ids);
    case "map":
      return clientPackets.enterMap(ids, charId, 0);
  }
}
