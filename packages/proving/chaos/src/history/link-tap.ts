import { mapToChar } from "@sallyport/cluster-protocol";
import type { Direction, Tap } from "@sallyport/rig";
import { type Frame, FrameSplitter, MessageCodec, type MessageOf } from "@sallyport/wire";
import { type Fact, nowMs, type SaveAsked, type SaveKind, type ScoreAsked, type State } from "./fact.ts";

type Message = MessageOf<typeof mapToChar>;
type TappedRequest = {
  readonly message: Message;
  readonly save: SaveAsked | null;
  readonly score: ScoreAsked | null;
};

const codec = new MessageCodec(mapToChar);
const frameBytesMax = 4 << 20;

/** Reads the requests that one map-server sends to the char-server, and the answers. */
export class LinkTap implements Tap {
  readonly #mapServer: string;
  readonly #saw: (fact: Fact) => void;
  readonly #splitters = new Map<string, FrameSplitter>();
  readonly #asked = new Map<string, TappedRequest>();

  constructor(mapServer: string, saw: (fact: Fact) => void) {
    this.#mapServer = mapServer;
    this.#saw = saw;
  }

  passed(connection: number, direction: Direction, bytes: Buffer): void {
    const key = `${connection} ${direction}`;
    const splitter = this.#splitters.get(key) ?? new FrameSplitter(frameBytesMax);
    this.#splitters.set(key, splitter);
    // A splitter keeps the bytes that it gets. The proxy still has to send its buffer, so the splitter gets a
    // copy.
    for (const frame of splitter.push(new Uint8Array(bytes))) {
      const id = `${this.#mapServer} ${connection} ${frame.correlationId}`;
      if (direction === "up" && frame.kind === "request") this.#request(id, frame);
      else if (direction === "down" && (frame.kind === "reply" || frame.kind === "refusal"))
        this.#answer(id, frame);
    }
  }

  over(connection: number): void {
    for (const way of ["up", "down"]) this.#splitters.delete(`${connection} ${way}`);
    for (const id of this.#asked.keys()) {
      if (id.startsWith(`${this.#mapServer} ${connection} `)) this.#asked.delete(id);
    }
  }

  #request(id: string, { body }: Frame): void {
    const { message } = codec.decode(body);
    const save = this.#saveOf(id, message);
    const score = this.#scoreOf(message);
    for (const fact of [save, score]) if (fact !== null) this.#saw(fact);
    this.#asked.set(id, { message, save, score });
  }

  #answer(id: string, { kind, body }: Frame): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (asked === undefined) return;
    const { message, save, score } = asked;
    const refusal = kind === "reply" ? null : codec.decodeRefusal(message.type, body).refusal;
    const at = { atMs: nowMs(), mapServer: this.#mapServer };
    if (save !== null) this.#saw({ type: "save-answered", atMs: at.atMs, id, refusal, asked: save });
    if (score !== null) this.#saw({ type: "score-answered", atMs: at.atMs, refusal, asked: score });
    if (refusal !== null) return;
    if (message.type === "character.enter")
      this.#saw({ type: "entered", ...at, charId: message.charId, fence: message.charFence });
    if (message.type === "character.reclaim") {
      const { lost } = codec.decodeReply("character.reclaim", body);
      this.#saw({ type: "reclaimed", ...at, characters: message.characters.length, lost: lost.length });
    }
  }

  #scoreOf(message: Message): ScoreAsked | null {
    if (message.type !== "score.submit") return null;
    const { key, charId, charFence: fence, score } = message;
    return { type: "score-asked", atMs: nowMs(), mapServer: this.#mapServer, key, charId, fence, score };
  }

  #saveOf(id: string, message: Message): SaveAsked | null {
    const kind = kinds[message.type];
    if (kind === undefined) return null;
    const saved = message.type === "character.save" ? message : "saved" in message ? message.saved : null;
    if (saved === null || !("charFence" in message)) return null;
    const { charId, charFence: fence } = message;
    const { saveNumber } = saved;
    const at = { atMs: nowMs(), mapServer: this.#mapServer };
    return { type: "save-asked", ...at, kind, id, charId, fence, saveNumber, state: stateOf(saved) };
  }
}

const kinds: { readonly [type: string]: SaveKind | undefined } = {
  "character.save": "save",
  "character.leave": "leave",
  "character.hop": "hop",
};

const stateOf = ({
  position: { map, x, y },
  attributes,
}: {
  readonly position: { readonly map: string; readonly x: number; readonly y: number };
  readonly attributes: string;
}): State => ({ steps: stepsOf(JSON.parse(attributes)), map, x, y });

/** The game of these servers counts the steps of a character in its attributes. */
export const stepsOf = (attributes: unknown): number => {
  const { steps } = attributes as { readonly steps?: unknown };
  return typeof steps === "number" ? steps : 0;
};
