import net from "node:net";
import { charDoorMessages, helloFrame, loginDoorMessages, mapDoorMessages } from "@sallyport/dialects/native";
import {
  encodeFrame,
  type Frame,
  FrameSplitter,
  MessageCodec,
  type MessageOf,
  type MessageTable,
  type ReplyOf,
  type RequestName,
} from "@sallyport/wire";
import { loginKeys, prove } from "./scram.ts";
import { ActFailed, type Address, answerMs, doorFor, type Visitor } from "./visit.ts";

/**
 * A native client. In one hop, it logs in with a proof, chooses the first character, enters the map and
 * leaves. It does little else, because it runs on the same machine as the measured servers.
 */

const codecs = {
  login: new MessageCodec(loginDoorMessages),
  char: new MessageCodec(charDoorMessages),
  map: new MessageCodec(mapDoorMessages),
};
const hello = helloFrame();
const frameBytesMax = 2 << 20;

/**
 * This step and the others reject with `ActFailed` in three cases. 1: a server refuses. 2: it closes the
 * connection. 3: it does not answer.
 */
export async function logIn(visitor: Visitor) {
  const { login, account: name, password } = visitor;
  const door = new Door("login", codecs.login, login, visitor);
  const offer = await door.ask({ type: "login.salt", name });
  const keys = await loginKeys(password, offer);
  const answer = await door.ask({ type: "login.prove", name, ...prove(keys, name, offer) });
  door.close();
  return answer;
}

export async function hop(visitor: Visitor): Promise<void> {
  const { accountId, loginId1, loginId2, sex, worlds } = await logIn(visitor);
  const [world] = worlds;
  if (world === undefined) throw new ActFailed("login: no world");
  const char = new Door("char", codecs.char, doorFor(world, visitor), visitor);
  const { characters } = await char.ask({ type: "char.enter", accountId, loginId1, loginId2, sex });
  const [character] = characters;
  if (character === undefined) throw new ActFailed("char: no character");
  const { charId } = character;
  const zone = await char.ask({ type: "char.choose", charId });
  char.close();
  const map = new Door("map", codecs.map, doorFor(zone, visitor), visitor);
  await map.ask({ type: "map.enter", accountId, charId, loginId1, sex });
  await map.ask({ type: "map.leave", to: "offline" });
  map.close();
}

/** A connection to one door. It has at most one open request. It closes after a failure. */
class Door<Commands extends MessageTable> {
  readonly #name: string;
  readonly #codec: MessageCodec<Commands>;
  readonly #socket: net.Socket;
  readonly #splitter = new FrameSplitter(frameBytesMax);
  readonly #failed: Promise<never>;
  #fail: (why: string) => void = () => {};
  #answered: (frame: Frame) => void = () => {};
  #asked = 0;

  constructor(
    name: string,
    codec: MessageCodec<Commands>,
    { host, port }: Address,
    { received }: Pick<Visitor, "received">,
  ) {
    this.#name = name;
    this.#codec = codec;
    this.#socket = net.connect({ host, port, noDelay: true });
    this.#failed = new Promise((_, reject) => {
      this.#fail = (why) => {
        this.#socket.destroy();
        reject(new ActFailed(`${name}: ${why}`));
      };
    });
    // The door can fail while nobody waits. Without this handler, Node would report such a failure as
    // unhandled.
    this.#failed.catch(() => this.#socket.destroy());
    this.#socket.setTimeout(answerMs, () => this.#fail(`no answer in ${answerMs} ms`));
    this.#socket.on("error", (error: NodeJS.ErrnoException) => this.#fail(error.code ?? error.message));
    this.#socket.once("close", () => this.#fail("closed by the server"));
    this.#socket.on("data", (chunk) => {
      received(chunk.length);
      for (const frame of this.#splitter.push(chunk)) {
        if (frame.kind === "reply" || frame.kind === "refusal") this.#answered(frame);
      }
    });
  }

  async ask<N extends RequestName<Commands>>(
    message: { readonly type: N } & MessageOf<Commands, N>,
  ): Promise<ReplyOf<Commands, N>> {
    this.#asked += 1;
    const answer = new Promise<Frame>((resolve) => {
      this.#answered = resolve;
    });
    const request = encodeFrame("request", this.#asked, this.#codec.encode(message, answerMs));
    this.#socket.write(this.#asked === 1 ? Buffer.concat([hello, request]) : request);
    const { kind, body } = await Promise.race([answer, this.#failed]);
    if (kind === "reply") return this.#codec.decodeReply(message.type, body);
    const { refusal } = this.#codec.decodeRefusal(message.type, body);
    this.#fail(refusal);
    throw new ActFailed(`${this.#name}: ${refusal}`);
  }

  close(): void {
    this.#socket.destroy();
  }
}
