import { delay, systemClock } from "@sallyport/clock";
import { openRedisLockReaders } from "@sallyport/lock-store/redis";

const lookEveryMs = 5;
const looksMax = 24_000;

/** Waits until no account lock is stored. */
export async function locksAreFree(redisUrl: string): Promise<void> {
  const readers = await openRedisLockReaders({ url: redisUrl });
  try {
    const locks = readers.of("login");
    for (let looks = 0; looks < looksMax; looks += 1) {
      const page = await locks.list(null, 1, "account:");
      if (page.locks.length === 0 && page.next === null) return;
      await delay(systemClock, lookEveryMs);
    }
    throw new Error("account locks are left after everybody has left");
  } finally {
    await readers.close();
  }
}
