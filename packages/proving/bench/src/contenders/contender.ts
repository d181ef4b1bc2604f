import type { Rig } from "@sallyport/rig";
import type { RunningPostgres, RunningRedis } from "@sallyport/testkit";
import type { Address } from "../generator/visit.ts";

/** The bench measures these servers. They have stores of their own. */
export interface Contender {
  /** Ragnarok clients connect to this door first. */
  readonly login: Address;
  readonly pids: Pids;
}

/** The key is the name of a server or store. The value is its process id. */
export type Pids = Readonly<Record<string, number>>;

export const host = "127.0.0.1";

export interface Stores {
  readonly redis: RunningRedis;
  readonly postgres: RunningPostgres;
  readonly databaseUrl: string;
}

/**
 * Starts both stores with the settings of docker-compose.yml: Redis appends to a file, and Postgres waits for
 * the disk.
 */
export async function startStores(rig: Rig): Promise<Stores> {
  const redis = await rig.startRedis({ persistent: true, fsync: "everysec" });
  const { postgres, databaseUrl } = await rig.startPostgres({ durable: true });
  return { redis, postgres, databaseUrl };
}
