import { readFileSync } from "node:fs";
import type { Clock } from "@sallyport/clock";
import type { Presence } from "@sallyport/cluster-protocol";
import { type JsonObject, Unavailable } from "@sallyport/domain";
import { createRedis, type RedisPlace } from "@sallyport/redis";
import type { Redis } from "ioredis";
import { checkedHint, type DirectoryService, type Listening, presenceMs } from "./directory.ts";
import { idOf, presencesIn, textOf } from "./presence-text.ts";

export interface RedisDirectoryOptions extends RedisPlace {
  readonly clock: Clock;
  readonly prefix?: string;
  /** Only tests set this. */
  readonly presenceMs?: number;
}

const commandMs = 1_000;
const pingPeriodMs = 5_000;

const lua = (name: string): string => readFileSync(new URL(`../lua/${name}.lua`, import.meta.url), "utf8");
const scripts = { publish: lua("publish"), list: lua("list") };

type Heard = (hint: JsonObject) => void;

/**
 * Keeps presences in a hash, and their expiry times in a sorted set. Expiry times use the clock of Redis.
 * Hints go over Redis channels. The constructor succeeds even if Redis is down, because a server works
 * without a directory.
 */
export class RedisDirectory implements DirectoryService {
  readonly #options: RedisDirectoryOptions;
  readonly #client: Redis;
  /**
   * Resolves when the client is connected, or after `commandMs` if it is not connected by then. Requests wait
   * for this promise, because commands fail while the client is not connected.
   */
  readonly #opened: Promise<void>;
  readonly #keys: readonly [texts: string, expiries: string];
  readonly #ears = new Map<string, Set<Heard>>();
  /** A separate connection, because a connection that subscribes can do nothing else. */
  #listener: Redis | null = null;
  #stopPinging = (): void => {};

  constructor(options: RedisDirectoryOptions) {
    this.#options = options;
    // Both keys have the same hash tag, so that a Redis Cluster keeps them in one slot.
    const tag = `${this.#prefix}{directory}`;
    this.#keys = [`${tag}:servers`, `${tag}:expiries`];
    this.#client = connect(options);
    this.#opened = new Promise((resolve) => {
      const stopWaiting = options.clock.after(commandMs, resolve);
      this.#client.once("ready", () => {
        stopWaiting();
        resolve();
      });
    });
  }

  get #prefix(): string {
    return this.#options.prefix ?? "sallyport:";
  }

  async publish(presence: Presence): Promise<void> {
    await this.#put(presence, textOf(presence));
  }

  async withdraw(presence: Presence): Promise<void> {
    await this.#put(presence, "");
  }

  async #put(presence: Presence, text: string): Promise<void> {
    const stayMs = this.#options.presenceMs ?? presenceMs;
    await this.#ask((client) => client.eval(scripts.publish, 2, ...this.#keys, idOf(presence), text, stayMs));
  }

  async list(): Promise<readonly Presence[]> {
    const texts = await this.#ask((client) => client.eval(scripts.list, 2, ...this.#keys));
    return presencesIn(texts as string[]);
  }

  async tell(topic: string, hint: JsonObject): Promise<void> {
    const text = checkedHint(topic, hint);
    await this.#ask((client) => client.publish(this.#channel(topic), text));
  }

  listen(topic: string, heard: Heard): Listening {
    const listener = this.#listening();
    const channel = this.#channel(topic);
    const ears = this.#ears.get(channel) ?? new Set();
    // A new function for each call, so that a caller may add the same listener twice.
    const ear: Heard = (hint) => heard(hint);
    this.#ears.set(channel, ears.add(ear));
    const ready = new Promise<void>((resolve) => {
      const subscribe = (): void => {
        // If Redis cannot be reached, the subscription fails. The subscription is repeated when the
        // connection is ready again.
        listener.subscribe(channel).then(
          () => resolve(),
          () => listener.once("ready", subscribe),
        );
      };
      if (listener.status === "ready") subscribe();
      else listener.once("ready", subscribe);
    });
    const stop = (): void => {
      ears.delete(ear);
      if (ears.size > 0 || this.#ears.get(channel) !== ears) return;
      this.#ears.delete(channel);
      listener.unsubscribe(channel).catch(isGone);
    };
    return { ready, stop };
  }

  async close(): Promise<void> {
    this.#stopPinging();
    this.#ears.clear();
    this.#listener?.disconnect();
    this.#client.disconnect();
  }

  async #ask<T>(command: (client: Redis) => Promise<T>): Promise<T> {
    await this.#opened;
    try {
      return await command(this.#client);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Unavailable(`the directory: ${why}`, { store: "Redis", cause: error });
    }
  }

  #channel(topic: string): string {
    return `${this.#prefix}hint:${topic}`;
  }

  #listening(): Redis {
    if (this.#listener !== null) return this.#listener;
    const listener = connect(this.#options);
    this.#listener = listener;
    listener.on("ready", () => {
      for (const channel of this.#ears.keys()) listener.subscribe(channel).catch(isGone);
    });
    listener.on("message", (channel: string, text: string) => {
      const hint = hintIn(text);
      if (hint === null) return;
      for (const ear of [...(this.#ears.get(channel) ?? [])]) ear(hint);
    });
    // Without pings, a client that only listens does not notice that its connection is broken.
    this.#stopPinging = this.#options.clock.every(pingPeriodMs, () => {
      if (listener.status === "ready") listener.ping().catch(isGone);
    });
    return listener;
  }
}

function connect(place: RedisPlace): Redis {
  const client = createRedis(place, { name: "sallyport:directory", commandTimeoutMs: commandMs });
  // Nothing to do: the caller of a failed command gets the error.
  client.on("error", isGone);
  return client;
}

/** Ignores errors of a lost connection: subscriptions are repeated after ioredis has reconnected. */
const isGone = (): void => undefined;

/** Returns null if the text is not a JSON object. No server sends such a text. */
function hintIn(text: string): JsonObject | null {
  try {
    const hint = JSON.parse(text) as unknown;
    return typeof hint === "object" && hint !== null && !Array.isArray(hint) ? (hint as JsonObject) : null;
  } catch {
    return null;
  }
}
