import { Unavailable } from "@sallyport/domain";
import type { Host } from "./host.ts";

export interface FollowerDeps<Item> {
  /** Reads the next changes after `version`, at most `countMax`. */
  readonly read: (
    version: number,
    countMax: number,
  ) => Promise<{ readonly items: readonly Item[]; readonly version: number }>;
  /** Returns the version after which to begin. */
  readonly begin: () => Promise<number>;
  readonly apply: (items: readonly Item[]) => Promise<unknown> | void;
  /**
   * Each change is applied again every `againEveryMs`, for this time: something that was under way when it
   * came may have missed it. 0: each change is applied once.
   */
  readonly againForMs: number;
  /** What a change is about. Only the newest change about the same is applied again. */
  readonly about: (item: Item) => unknown;
}

const lookMs = 2_000;
const againEveryMs = 5_000;
const countMax = 500;
/** After very many changes at once, the oldest are not applied again. */
const keptMax = 5_000;

interface Kept<Item> {
  items: readonly Item[];
  readonly untilMs: number;
  nextMs: number;
}

/**
 * Follows changes in a store, each of which has a higher version than the one before. It looks every two seconds,
 * and at once when it is told that there is something new. So a change counts even if nobody tells of it.
 */
export class Follower<Item> {
  readonly #host: Host;
  readonly #deps: FollowerDeps<Item>;
  readonly #stopTicking: () => void;
  #kept: Kept<Item>[] = [];
  #version: number | null = null;
  #looking: Promise<void> | null = null;
  #isWanted = false;

  constructor(host: Host, deps: FollowerDeps<Item>) {
    this.#host = host;
    this.#deps = deps;
    this.#stopTicking = host.clock.every(lookMs, () => this.look());
    this.look();
  }

  /** Looks now, or again when the present look is over. */
  look(): void {
    this.#isWanted = true;
    this.#looking ??= this.#lookAll().finally(() => {
      this.#looking = null;
    });
  }

  /** The changes that are still applied again. */
  get recent(): readonly Item[] {
    return this.#kept.flatMap(({ items }) => items);
  }

  async stop(): Promise<void> {
    this.#stopTicking();
    await this.#looking;
  }

  async #lookAll(): Promise<void> {
    try {
      while (this.#isWanted) {
        this.#isWanted = false;
        await this.#lookOnce();
        await this.#applyAgain();
      }
    } catch (error) {
      // The next look reads from the same version.
      if (!(error instanceof Unavailable)) this.#host.failed(error);
    }
  }

  async #lookOnce(): Promise<void> {
    const { read, begin, apply, againForMs } = this.#deps;
    this.#version ??= await begin();
    for (;;) {
      const { items, version } = await read(this.#version, countMax);
      if (version === this.#version) return;
      await apply(items);
      this.#version = version;
      this.#forgetOlder(items);
      const nowMs = this.#host.clock.nowMs();
      const kept = { items, untilMs: nowMs + againForMs, nextMs: nowMs + againEveryMs };
      if (againForMs > 0 && items.length > 0) this.#kept.push(kept);
      while (this.recent.length > keptMax) this.#kept.shift();
    }
  }

  #forgetOlder(newer: readonly Item[]): void {
    const { about } = this.#deps;
    const changed = new Set(newer.map(about));
    for (const kept of this.#kept) kept.items = kept.items.filter((item) => !changed.has(about(item)));
  }

  async #applyAgain(): Promise<void> {
    const nowMs = this.#host.clock.nowMs();
    this.#kept = this.#kept.filter(({ items, untilMs }) => items.length > 0 && nowMs < untilMs);
    for (const kept of this.#kept) {
      if (nowMs < kept.nextMs) continue;
      kept.nextMs = nowMs + againEveryMs;
      await this.#deps.apply(kept.items);
    }
  }
}
