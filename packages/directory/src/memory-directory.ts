import type { Presence } from "@sallyport/cluster-protocol";
import { type JsonObject, Unavailable } from "@sallyport/domain";
import { checkedHint, type DirectoryService, type Listening, presenceMs } from "./directory.ts";
import { idOf, presencesIn, textOf } from "./presence-text.ts";

/**
 * The content of a memory directory. Several `MemoryDirectory` objects with the same state act like several
 * connections to one directory.
 */
export class MemoryDirectoryState {
  readonly presences = new Map<string, { readonly text: string; readonly untilMs: number }>();
  readonly listeners = new Map<string, Set<(text: string) => void>>();
}

export interface MemoryDirectoryOptions {
  readonly nowMs: () => number;
  readonly state?: MemoryDirectoryState;
}

/** A directory for servers in one process. */
export class MemoryDirectory implements DirectoryService {
  readonly #nowMs: () => number;
  readonly #state: MemoryDirectoryState;
  readonly #stops = new Set<() => void>();
  #isClosed = false;

  constructor({ nowMs, state = new MemoryDirectoryState() }: MemoryDirectoryOptions) {
    this.#nowMs = nowMs;
    this.#state = state;
  }

  async publish(presence: Presence): Promise<void> {
    const { presences } = this.#open();
    presences.set(idOf(presence), { text: textOf(presence), untilMs: this.#nowMs() + presenceMs });
  }

  async withdraw(presence: Presence): Promise<void> {
    this.#open().presences.delete(idOf(presence));
  }

  async list(): Promise<readonly Presence[]> {
    const { presences } = this.#open();
    for (const [id, { untilMs }] of presences) if (untilMs <= this.#nowMs()) presences.delete(id);
    return presencesIn([...presences.values()].map(({ text }) => text));
  }

  async tell(topic: string, hint: JsonObject): Promise<void> {
    const text = checkedHint(topic, hint);
    // Listeners hear the hint after this call has returned, as they would over a network.
    for (const hears of this.#open().listeners.get(topic) ?? []) queueMicrotask(() => hears(text));
  }

  listen(topic: string, heard: (hint: JsonObject) => void): Listening {
    const { listeners } = this.#open();
    const hears = (text: string): void => {
      if (ofTopic.has(hears)) heard(JSON.parse(text) as JsonObject);
    };
    const ofTopic = listeners.get(topic) ?? new Set();
    listeners.set(topic, ofTopic.add(hears));
    const stop = (): void => {
      ofTopic.delete(hears);
      this.#stops.delete(stop);
    };
    this.#stops.add(stop);
    return { ready: Promise.resolve(), stop };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const stop of this.#stops) stop();
  }

  #open(): MemoryDirectoryState {
    if (this.#isClosed) throw new Unavailable("the directory is closed");
    return this.#state;
  }
}
