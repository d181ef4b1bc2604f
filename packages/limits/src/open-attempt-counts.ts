import {
  type AttemptBounds,
  type AttemptCounts,
  type CountKind,
  type WindowCount,
  type WindowCounts,
  windowsOf,
} from "@sallyport/authentication";
import { createRedis, type RedisPlace } from "@sallyport/redis";
import type { Redis } from "ioredis";
import { type RateLimiterLike, RateLimiterRedis, type RateLimiterRes } from "rate-limiter-flexible";
import { MemoryLimiter } from "./memory-limiter.ts";

export interface AttemptCountsOptions {
  /** The Redis that all login-servers share. Null: this process counts for itself. */
  readonly redis: RedisPlace | null;
  readonly bounds: AttemptBounds;
  /** Returns milliseconds on a monotonic clock. */
  readonly nowMs: () => number;
  readonly prefix?: string;
  readonly keptMax?: number;
  /** Without an answer of Redis in this time, changes are counted in memory. Only tests set it. */
  readonly commandMs?: number;
}

export interface OpenAttemptCounts {
  readonly counts: AttemptCounts;
  close(): void;
}

/**
 * Opens the counts of attempts. While Redis does not answer, they are counted in the memory of this process.
 * Opening never fails, because no server needs the counts to start.
 */
export async function openAttemptCounts({
  redis,
  bounds,
  nowMs,
  prefix = "sallyport:",
  keptMax = 100_000,
  commandMs = 2_000,
}: AttemptCountsOptions): Promise<OpenAttemptCounts> {
  const client = redis === null ? null : connect(redis, commandMs);
  if (client !== null) await untilReady(client, commandMs);
  const windows = windowsOf(bounds);
  const open = (kind: CountKind): WindowCounts => {
    const windowMs = windows[kind];
    const memory = new MemoryLimiter({ windowMs, nowMs, keptMax });
    if (client === null) return countsOf(memory);
    return countsOf(
      new RateLimiterRedis({
        storeClient: client,
        // The caller compares the counts with its bounds.
        points: Number.MAX_SAFE_INTEGER,
        duration: secondsOf(windowMs),
        keyPrefix: `${prefix}limits:${kind}`,
        rejectIfRedisNotReady: true,
        insuranceLimiter: memory,
      }),
    );
  };
  return {
    counts: {
      addresses: open("addresses"),
      names: open("names"),
      waits: open("waits"),
      offers: open("offers"),
      failures: open("failures"),
      registrations: open("registrations"),
    },
    close: () => client?.disconnect(),
  };
}

/** Redis keeps a count for whole seconds. */
const secondsOf = (ms: number): number => Math.max(1, Math.ceil(ms / 1_000));

function countsOf(limiter: RateLimiterLike): WindowCounts {
  return {
    add: async (key, amount, windowMs) =>
      countOf(
        await limiter.penalty(
          key,
          amount,
          windowMs === undefined ? {} : { customDuration: secondsOf(windowMs) },
        ),
      ),
    of: async (key) => {
      const found = await limiter.get(key);
      return found === null ? null : countOf(found);
    },
  };
}

const countOf = ({ consumedPoints, msBeforeNext }: RateLimiterRes): WindowCount => ({
  count: consumedPoints,
  leftMs: Math.max(0, msBeforeNext),
});

function connect(place: RedisPlace, commandTimeoutMs: number): Redis {
  const client = createRedis(place, { name: "sallyport:limits", commandTimeoutMs });
  // The caller of a failed command counts in memory instead.
  client.on("error", () => undefined);
  return client;
}

const untilReady = (client: Redis, withinMs: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, withinMs);
    client.once("ready", () => {
      clearTimeout(timer);
      resolve();
    });
  });
