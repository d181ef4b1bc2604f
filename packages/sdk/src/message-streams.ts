import type { Messages } from "@sallyport/game-core/messages";
import { EventStream } from "./event-stream.ts";

/** Each stream keeps this many events until its first listener is added. */
const keptMax = 100;

/** Passes events of the game to the listeners for their names. */
export class MessageStreams {
  readonly #streams = new Map<string, EventStream<unknown>>();

  /** Only events of these messages are kept for a listener that is added later. */
  constructor(messages: Messages | undefined) {
    for (const name of Object.keys(messages?.events ?? {})) this.#streamOf(name);
  }

  on(name: string, listener: (body: unknown) => void): () => void {
    return this.#streamOf(name).on(listener);
  }

  emit(name: string, body: unknown): void {
    this.#streams.get(name)?.emit(body);
  }

  #streamOf(name: string): EventStream<unknown> {
    const stream = this.#streams.get(name) ?? new EventStream<unknown>(keptMax);
    this.#streams.set(name, stream);
    return stream;
  }
}
