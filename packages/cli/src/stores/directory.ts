import { systemClock } from "@sallyport/clock";
import { type DirectoryService, MemoryDirectory, RedisDirectory } from "@sallyport/directory";
import type { RedisPlace } from "@sallyport/redis";

/**
 * Opens the directory of the cluster. Without Redis, the directory lists only the servers of this process. It
 * opens even if Redis does not answer.
 */
export const openDirectory = (redis: RedisPlace | null): DirectoryService =>
  redis === null
    ? new MemoryDirectory({ nowMs: systemClock.nowMs })
    : new RedisDirectory({ ...redis, clock: systemClock });
