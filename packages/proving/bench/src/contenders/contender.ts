import type { Rig } from "@sallyport/rig";
import type { RunningPostgres, RunningRedis } from "@sallyport/testkit";
import type { Address } from "../generator/hop.ts";

/** Servers to be measured, with stores of their own. */
export interface Contender {
  /** The door where Ragnarok clients begin. */
  readonly login: Address;
  readonly pids: Pids;
}

/** The process of each server and store, by name. */
export type Pids = Readonly<Record<string, number>>;

export interface ContenderOptions {
  readonly rig: Rig;
  /** Every account has this password, and one character. */
  readonly password: string;
  readonly accounts: readonly string[];
  /** The distance between the cells of two neighbouring characters. */
  readonly cellsApart: number;
  /** Settings of our servers, on top of those that each scenario needs. */
  readonly settings: Readonly<Record<string, string>>;
  readonly tell: (line: string) => void;
}

export const host = "127.0.0.1";

export interface Stores {
  readonly redis: RunningRedis;
  readonly postgres: RunningPostgres;
  readonly databaseUrl: string;
}

/** Both keep data as they do in docker-compose.yml: Redis appends, Postgres waits for the disk. */
export async function startStores(rig: Rig): Promise<Stores> {
  const redis = await rig.startRedis({ persistent: true, fsync: "everysec" });
  const { postgres, databaseUrl } = await rig.startPostgres({ durable: true });
  return { redis, postgres, databaseUrl };
}
