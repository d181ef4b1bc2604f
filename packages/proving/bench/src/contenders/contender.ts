import type { Rig } from "@sallyport/rig";
import type { RunningPostgres, RunningRedis } from "@sallyport/testkit";
import type { Address } from "../generator/hop.ts";

/** Servers that are measured. They have their own stores. */
export interface Contender {
  /** The door where Ragnarok clients begin. */
  readonly login: Address;
  readonly pids: Pids;
}

/** The process ids of the servers and stores, keyed by name. */
export type Pids = Readonly<Record<string, number>>;

export interface ContenderOptions {
  readonly rig: Rig;
  /** The password of every account. Every account has one character. */
  readonly password: string;
  readonly accounts: readonly string[];
  /** The distance between the cells of two neighbouring characters. */
  readonly cellsApart: number;
  /** Settings of our servers, besides the settings that every scenario needs. */
  readonly settings: Readonly<Record<string, string>>;
  readonly tell: (line: string) => void;
}

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
