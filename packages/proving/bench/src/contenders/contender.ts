import type { Rig } from "@sallyport/rig";
import type { RunningPostgres, RunningRedis } from "@sallyport/testkit";
import type { Address } from "../generator/visit.ts";

/** Servers that are measured. They have their own stores. */
export interface Contender {
  /** The door where Ragnarok clients begin. */
  readonly login: Address;
  readonly pids: Pids;
}

/** The process ids of the servers and stores, keyed by name. */
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
