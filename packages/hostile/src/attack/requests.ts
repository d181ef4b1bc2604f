import type { Random } from "@sallyport/bots";
import { charToLogin, clusterProtocolVersion } from "@sallyport/cluster-protocol";
import { charDoorMessages, loginDoorMessages, mapDoorMessages } from "@sallyport/dialects/native";
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
const pings = Buffer.alloc(ping.length * 5_000, ping);

/** Asks without end and without knowing anything, in well-formed frames. */
export class Asker {
  readonly #connection: RawConnection;
  readonly #target: Target;
  #lastId = 0;

  constructor(connection: RawConnection, target: Target) {
    this.#connection = connection;
    this.#target = target;
    if (target.kind === "websocket") connection.write(upgradeRequest(target));
  }

  ask(message: Message): void {
    this.#lastId += 1;
    const codec = codecs[this.#target.kind === "link" ? "link" : this.#target.tier];
    this.#write(encodeFrame("request", this.#lastId, codec.encode(message, ttlMs)));
  }

  /** Many at once. */
  ping(): void {
    this.#write(pings);
  }

  #write(bytes: Uint8Array): void {
    this.#connection.write(this.#target.kind === "websocket" ? webSocketFrame(bytes) : bytes);
  }
}

/** Answers as they come, on a connection of TCP. */
export function onAnswers(connection: RawConnection, answered: (frame: Frame) => void): void {
  const splitter = new FrameSplitter(4 << 20);
  connection.onBytes((chunk) => {
    for (const frame of splitter.push(chunk)) {
      if (frame.kind === "reply" || frame.kind === "refusal") answered(frame);
    }
  });
}

const id = (random: Random): number => random.between(1, 0x7fff_ffff);

/** What can be asked at a door by somebody who has not been let in. */
export function strangersRequest({ tier, kind }: Target, { random, marker }: Field): Message {
  const [accountId, charId, loginId1, loginId2] = [id(random), id(random), id(random), id(random)];
  if (kind === "link") {
    const hello = { version: clusterProtocolVersion, server: "alpha", username: marker.slice(0, 64) };
    return { type: "link.hello", ...hello, nonce: junk(random, 32) };
  }
  switch (tier) {
    case "login":
      return { type: "login.salt", name: `${marker}_${random.between(0, 9_999)}` };
    case "char":
      return { type: "char.enter", accountId, loginId1, loginId2, sex: "female" };
    case "map":
      return { type: "map.enter", accountId, charId, loginId1 };
  }
}
