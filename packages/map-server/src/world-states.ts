import { delay, retry } from "@sallyport/clock";
import { parseWorldValue, worldReadMax } from "@sallyport/cluster-protocol";
import { accepted, type Json, type Outcome, refused } from "@sallyport/domain";
import type { Host } from "@sallyport/server-kit";
import { WireError } from "@sallyport/wire";
import type { CharLink } from "./char-link.ts";
import {
  decideWorldState,
  type NotMade,
  type Stored,
  unread,
  versionOf,
  type WantedChange,
  type WorldState,
  type WorldStateDefinition,
  type WorldStateEffect,
  type WorldStateEvent,
  type Write,
} from "./world-state.ts";

export type WorldStateDefinitions = { readonly [key: string]: WorldStateDefinition };

export interface WorldStatesDeps {
  readonly link: Pick<CharLink, "readWorld" | "changeWorld">;
  readonly definitions: WorldStateDefinitions;
  /** Called with each state that this server learns, also if it made the change itself. */
  readonly changed?: ((key: string, state: Json) => void) | undefined;
}

/** At most this many changes of this server wait, over all keys. */
export const waitingMax = 1_000;
const lookEveryMs = 30_000;
const retryMs = 500;
const stopMs = 5_000;
/** After a conflict, the pause before the next try begins with this bound and doubles up to the maximum. */
const pauseMs = { first: 8, max: 500 };

interface Entry {
  readonly key: string;
  definition: WorldStateDefinition;
  state: WorldState;
}

type Answer = Outcome<Json, NotMade>;

interface Asked {
  readonly key: string;
  readonly change: WantedChange;
  readonly resolve: (answer: Answer) => void;
}

/**
 * The state of the world, as this map-server knows it, and the changes that it makes. Other map-servers make
 * changes too. A change is a named pure function, which is computed again from the newest state if another
 * server was faster. Changes of one key are made in the order in which they were asked for.
 */
export class WorldStates {
  readonly #host: Pick<Host, "clock" | "log" | "random" | "failed">;
  readonly #deps: WorldStatesDeps;
  readonly #writer: string;
  #entries: ReadonlyMap<string, Entry>;
  /** The changes that are not answered yet. */
  readonly #asked = new Map<number, Asked>();
  #changes = 0;
  readonly #toRead = new Set<string>();
  #isReading = false;
  #phase: "up" | "stopping" | "over" = "up";
  #emptied: () => void = () => {};
  readonly #stopLooking: () => void;

  constructor(
    host: Pick<Host, "clock" | "log" | "random" | "randomBytes" | "failed">,
    deps: WorldStatesDeps,
  ) {
    this.#host = host;
    this.#deps = deps;
    this.#writer = Buffer.from(host.randomBytes(12)).toString("hex");
    this.#entries = entriesOf(deps.definitions, new Map());
    this.#stopLooking = host.clock.every(lookEveryMs, () => this.readAll());
  }

  /** The newest known state. Undefined: it is not known yet, or what is stored does not fit the schema. */
  get(key: string): Json | undefined {
    const parsed = this.#entries.get(key)?.state.known?.parsed;
    return parsed?.ok ? parsed.value : undefined;
  }

  /**
   * Resolves with a state that contains the change, as soon as it is stored. Every refusal says that the
   * change was not made, except `stopping`: its outcome may be unknown. Each refusal writes one line to the
   * log, so callers may ignore the answer.
   */
  change(key: string, name: string, input: Json): Promise<Answer> {
    const change: WantedChange = { id: ++this.#changes, name, input, conflicts: 0 };
    return new Promise((resolve) => {
      const isFull = this.#asked.size >= waitingMax;
      this.#asked.set(change.id, { key, change, resolve });
      const entry = this.#entries.get(key);
      const no = (refusal: NotMade, why: string) => this.#notMade(key, { change, refusal, why });
      if (this.#phase !== "up") return no("stopping", "this server is stopping");
      if (entry === undefined) return no("unknown-change", "there is no such key");
      if (isFull) return no("too-many", `${waitingMax} changes wait already`);
      this.#feed(entry, { type: "wanted", change });
    });
  }

  /** Replaces all definitions. Known states are checked against the new ones, without a new read. */
  define(definitions: WorldStateDefinitions): void {
    const before = this.#entries;
    this.#entries = entriesOf(definitions, before);
    for (const { key, state } of before.values()) {
      const left = this.#entries.has(key) ? [] : state.waiting;
      for (const change of left)
        this.#notMade(key, { change, refusal: "unknown-change", why: "there is no such key any more" });
    }
    for (const entry of this.#entries.values()) this.#feed(entry, { type: "redefined" });
    this.readAll();
  }

  /** Called when the link is up, and from time to time, because news may get lost. */
  readAll(): void {
    this.#readSoon(this.#entries.keys());
  }

  /** Called when the char-server tells of a change. */
  noticed({
    key,
    version,
    value,
  }: {
    readonly key: string;
    readonly version: number;
    readonly value: string;
  }): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined)
      this.#feed(entry, { type: "noticed", stored: { version, value: parseWorldValue(value) } });
  }

  /** Refuses new changes, and waits until those that wait are stored, for 5 s at most. */
  async stop(): Promise<void> {
    this.#phase = "stopping";
    this.#stopLooking();
    const { clock } = this.#host;
    if (this.#asked.size > 0) {
      await new Promise<void>((resolve) => {
        const stopWaiting = clock.after(stopMs, resolve);
        this.#emptied = () => {
          stopWaiting();
          resolve();
        };
      });
    }
    this.#phase = "over";
    const why = "this server stopped before the change was known to be stored";
    for (const { key, change } of [...this.#asked.values()])
      this.#notMade(key, { change, refusal: "stopping", why });
  }

  #feed(entry: Entry, event: WorldStateEvent): void {
    if (this.#phase === "over") return;
    const { next, effects } = decideWorldState(entry.state, event, entry.definition);
    entry.state = next;
    for (const effect of effects) this.#perform(entry, effect);
  }

  #perform(entry: Entry, effect: WorldStateEffect): void {
    const { key } = entry;
    const { log, failed } = this.#host;
    switch (effect.type) {
      case "write":
        this.#write(entry, effect.write).catch(failed);
        return;
      case "read-again":
        this.#readAgain(key, effect.conflicts).catch(failed);
        return;
      case "made":
        return this.#answer(effect.change, accepted(effect.state));
      case "not-made":
        return this.#notMade(key, effect);
      case "learnt": {
        const { parsed } = effect;
        if (parsed.ok) this.#deps.changed?.(key, parsed.value);
        else
          log.error(
            { worldKey: key, why: parsed.why },
            "a world state cannot be used; its changes are refused",
          );
      }
    }
  }

  /** Repeats the same write until its outcome is known. The char-server carries it out once. */
  async #write(entry: Entry, { version, number, text }: Write): Promise<void> {
    const { key } = entry;
    const write = { key, version, value: text, writer: this.#writer, number };
    const ask = async () => (this.#phase === "over" ? null : this.#deps.link.changeWorld(write));
    const answer = await retry(this.#host.clock, ask, (told) =>
      told === null || told.ok || told.refusal === "conflict" ? null : retryMs,
    );
    if (answer !== null)
      this.#feed(
        entry,
        answer.ok ? { type: "written", version: answer.value.version } : { type: "conflict" },
      );
  }

  /** The pause keeps several map-servers from meeting again and again. */
  async #readAgain(key: string, conflicts: number): Promise<void> {
    const { clock, random } = this.#host;
    await delay(clock, random() * Math.min(pauseMs.max, pauseMs.first * 2 ** (conflicts - 1)));
    this.#readSoon([key]);
  }

  #readSoon(keys: Iterable<string>): void {
    for (const key of keys) this.#toRead.add(key);
    if (this.#toRead.size > 0 && !this.#isReading) this.#readThem().catch(this.#host.failed);
  }

  async #readThem(): Promise<void> {
    this.#isReading = true;
    while (this.#toRead.size > 0 && this.#phase !== "over") {
      const keys = [...this.#toRead].slice(0, worldReadMax);
      for (const key of keys) this.#toRead.delete(key);
      const since = new Map(keys.map((key) => [key, versionOf(this.#entries.get(key)?.state ?? unread)]));
      const read = await this.#deps.link.readWorld(keys);
      if (read.ok) {
        const stored = new Map(read.value.states.map((state) => [state.key, storedOf(state)]));
        for (const [key, known] of since) {
          const entry = this.#entries.get(key);
          if (entry !== undefined)
            this.#feed(entry, { type: "read", stored: stored.get(key) ?? null, since: known });
        }
      } else {
        for (const key of keys) this.#toRead.add(key);
        await delay(this.#host.clock, retryMs);
      }
    }
    this.#isReading = false;
  }

  #notMade(
    key: string,
    {
      change,
      refusal,
      why,
      error,
    }: {
      readonly change: WantedChange;
      readonly refusal: NotMade;
      readonly why: string;
      readonly error?: unknown;
    },
  ): void {
    const about = { worldKey: key, change: change.name, why, ...(error !== undefined && { err: error }) };
    this.#host.log.warn(about, "a change of a world state was not made");
    this.#answer(change, refused(refusal));
  }

  #answer({ id }: WantedChange, answer: Answer): void {
    this.#asked.get(id)?.resolve(answer);
    this.#asked.delete(id);
    if (this.#asked.size === 0) this.#emptied();
  }
}

const entriesOf = (
  definitions: WorldStateDefinitions,
  before: ReadonlyMap<string, Entry>,
): ReadonlyMap<string, Entry> =>
  new Map(
    Object.entries(definitions).map(([key, definition]) => {
      const entry = before.get(key) ?? { key, definition, state: unread };
      return [key, Object.assign(entry, { definition })];
    }),
  );

function storedOf({ version, value }: { readonly version: number; readonly value: string | null }): Stored {
  if (value === null) return { version, value: undefined };
  try {
    return { version, value: parseWorldValue(value) };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { version, value: undefined };
  }
}
