import { LRUCache } from "lru-cache";
import { RateLimiterCompatibleAbstract, RateLimiterRes } from "rate-limiter-flexible";

export interface MemoryLimiterOptions {
  readonly windowMs: number;
  /** Returns milliseconds on a monotonic clock. */
  readonly nowMs: () => number;
  /** If there are more keys, the one that was changed least recently is forgotten. */
  readonly keptMax: number;
}

interface Window {
  readonly count: number;
  readonly endsMs: number;
}

/**
 * Counts in the memory of this process. The library's own memory limiter has no bound: an attacker with very
 * many addresses would fill the memory.
 */
export class MemoryLimiter extends RateLimiterCompatibleAbstract {
  override readonly keyPrefix = "";
  override blockDuration = 0;
  override execEvenly = false;
  readonly #options: MemoryLimiterOptions;
  readonly #windows: LRUCache<string | number, Window>;

  constructor(options: MemoryLimiterOptions) {
    super();
    this.#options = options;
    // `max` would take the memory of all of them at once.
    this.#windows = new LRUCache({ maxSize: options.keptMax, sizeCalculation: () => 1 });
  }

  override async penalty(key: string | number, points = 1, { customDuration }: Duration = {}) {
    const { windowMs, nowMs } = this.#options;
    const lengthMs = customDuration === undefined ? windowMs : customDuration * 1_000;
    const before = this.#at(key) ?? { count: 0, endsMs: nowMs() + lengthMs };
    const window = { ...before, count: before.count + points };
    this.#windows.set(key, window);
    return this.#result(window);
  }

  override reward(key: string | number, points = 1, duration?: Duration) {
    return this.penalty(key, -points, duration);
  }

  override async get(key: string | number) {
    const window = this.#at(key);
    return window === null ? null : this.#result(window);
  }

  override consume = never;
  override set = never;
  override block = never;
  override delete = never;

  #at(key: string | number): Window | null {
    const window = this.#windows.get(key);
    return window !== undefined && this.#options.nowMs() < window.endsMs ? window : null;
  }

  #result({ count, endsMs }: Window): RateLimiterRes {
    return new RateLimiterRes(0, Math.max(0, Math.ceil(endsMs - this.#options.nowMs())), count, false);
  }
}

interface Duration {
  /** In seconds. */
  readonly customDuration?: number;
}

const never = async (): Promise<never> => {
  throw new Error("limits are only counted and read");
};
