import { replyCode } from "@sallyport/redis";
import type { Redis } from "ioredis";
import type { RedisGenerations } from "./redis-generations.ts";
import type { RedisKeys } from "./redis-keys.ts";
import { runScripts, type ScriptCall, scripts } from "./scripts.ts";

/** `lua/compare-and-set.lua` describes the arguments of an entry. */
export interface Entry {
  readonly shard: number;
  readonly act: "load" | "set" | "delete";
  /** These arguments do not include the position of the shard. */
  readonly args: readonly (string | number)[];
}

export interface RedisEntriesOptions {
  readonly client: Redis;
  readonly keys: RedisKeys;
  readonly generations: RedisGenerations;
  /** True: Redis runs a script with keys of several shards. A Redis Cluster does not run it. */
  readonly mayMixShards: boolean;
}

interface Waiting extends Entry {
  readonly settle: (reply: unknown) => void;
}

/** Redis does nothing else during a call, so a call must be short. */
const entriesMax = 200;

/** With one of these errors, Redis refuses scripts that can write, but still runs scripts that only read. */
const refusalsOfWrites: ReadonlySet<string | undefined> = new Set([
  "OOM",
  "READONLY",
  "MISCONF",
  "NOREPLICAS",
]);

/**
 * Gathers the entries of one turn of the event loop, and sends them in one write, with as few calls of the
 * script as possible. A call costs Redis and this process about as much as several entries.
 */
export class RedisEntries {
  readonly #options: RedisEntriesOptions;
  #waiting: Waiting[] = [];

  constructor(options: RedisEntriesOptions) {
    this.#options = options;
  }

  /** Rejects with the error of Redis for this entry, or for the whole call. */
  async reply(entry: Entry): Promise<unknown> {
    const reply = await new Promise<unknown>((settle) => {
      if (this.#waiting.length === 0) setImmediate(() => this.flush());
      this.#waiting.push({ ...entry, settle });
    });
    if (reply instanceof Error) throw reply;
    return reply;
  }

  /** Sends all waiting entries, before the turn ends. */
  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length > 0) void this.#send(this.#partsOf(waiting));
  }

  #partsOf(waiting: readonly Waiting[]): readonly (readonly Waiting[])[] {
    const ofOneCall = this.#options.mayMixShards
      ? [waiting]
      : shardsOf(waiting).map((shard) => waiting.filter((entry) => entry.shard === shard));
    return ofOneCall.flatMap((entries) =>
      Array.from({ length: Math.ceil(entries.length / entriesMax) }, (_, nth) =>
        entries.slice(nth * entriesMax, (nth + 1) * entriesMax),
      ),
    );
  }

  async #send(parts: readonly (readonly Waiting[])[]): Promise<void> {
    const calls = parts.map((part) => this.#callOf(part));
    const answers = await runScripts(this.#options.client, calls);
    for (const [nth, part] of parts.entries()) {
      const answer = answers[nth];
      const loads = part.filter(isLoad);
      const areRefusedWithWrites = loads.length < part.length && refusalsOfWrites.has(replyCode(answer));
      if (areRefusedWithWrites && loads.length > 0) void this.#send([loads]);
      for (const [at, entry] of part.entries()) {
        if (areRefusedWithWrites && isLoad(entry)) continue;
        entry.settle(Array.isArray(answer) ? answer[at] : answer);
      }
    }
  }

  #callOf(part: readonly Waiting[]): ScriptCall {
    const { keys, generations } = this.#options;
    const shards = shardsOf(part);
    const positions = new Map(shards.map((shard, at) => [shard, at + 1]));
    return {
      script: part.every(isLoad) ? scripts.load : scripts.compareAndSet,
      keys: shards.map((shard) => keys.generation(shard)),
      args: [
        generations.writer,
        ...shards.map((shard) => generations.madeIn(shard)),
        ...part.flatMap(({ shard, args }) => [positions.get(shard) ?? 0, ...args]),
      ],
    };
  }
}

const shardsOf = (entries: readonly Entry[]): readonly number[] => [
  ...new Set(entries.map(({ shard }) => shard)),
];
const isLoad = ({ act }: Entry): boolean => act === "load";
