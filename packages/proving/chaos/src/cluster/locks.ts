import { lockKindOf } from "@sallyport/lock-core";
import { openRedisLockReaders } from "@sallyport/lock-store/redis";

/** The login tier, and the only world. */
const spaces = ["login", "world:alpha"];
const pageMax = 500;

/** The locks of accounts and characters that have an owner or a deadline, as `space key`. */
export async function heldLocks(redisUrl: string): Promise<readonly string[]> {
  const readers = await openRedisLockReaders({ url: redisUrl });
  try {
    const held: string[] = [];
    for (const space of spaces) {
      let cursor: string | null = null;
      do {
        const page = await readers.of(space).list(cursor, pageMax);
        held.push(
          ...page.locks
            .map(({ key }) => key)
            .filter(isOfPlayer)
            .map((key) => `${space} ${key}`),
        );
        cursor = page.next;
      } while (cursor !== null);
    }
    return [...new Set(held)];
  } finally {
    await readers.close();
  }
}

const isOfPlayer = (key: string): boolean => lockKindOf(key) !== "server";
