import {
  clusterSecret,
  createAccountStore,
  createCharacterStore,
  createMapHostStore,
  createWriteProof,
  type Database,
  migrate,
  noteLockSpace,
  oneAtATime,
  openDatabase,
} from "@sallyport/database";
import { type LockStore, MemoryLockStore, openRedisLockStore } from "@sallyport/lock-store";
import type { RedisPlace } from "@sallyport/redis";
import { lossGraceMs, noMetrics, type readTiming } from "@sallyport/server-kit";
import type { Checks } from "./admin-port.ts";
import { measuredDatabase, measuredLockStore } from "./measured.ts";
import type { Shell } from "./shell.ts";
import { onceThere } from "./wait-for-stores.ts";

interface DatabaseNeeds {
  readonly url: string;
  /** The most milliseconds to wait until Postgres answers. */
  readonly startMs: number;
  readonly connections?: number;
}

/** Migrates the database and opens the stores. */
export async function openStores({ url, startMs, ...of }: DatabaseNeeds, shell: Shell) {
  const { log, metrics = noMetrics } = shell;
  const onError = (error: Error): void => log.warn({ err: error }, "lost a connection to Postgres");
  const open = async (): Promise<Database> => {
    await migrate(url, (message) => log.info({}, message));
    return openDatabase({ url, onError, ...of });
  };
  const opened = await onceThere(open, shell, startMs);
  const database = measuredDatabase(opened, metrics);
  return {
    database,
    accounts: createAccountStore(database),
    characters: createCharacterStore(database),
    mapHosts: createMapHostStore(database),
  };
}

/**
 * All login-servers on this database share the secret, so that salts of unknown names do not differ between
 * them.
 */
export const loginSecret = (database: Database): Promise<Uint8Array> => clusterSecret(database, "login");

interface LockStoreNeeds {
  readonly database: Database;
  readonly databaseUrl: string;
  /** The most milliseconds to wait until Redis answers. */
  readonly startMs: number;
  readonly timing: ReturnType<typeof readTiming>;
}

/** Opens the locks of one tier. `space` separates tiers and worlds in one Redis. */
export async function openLockStore(
  redis: RedisPlace | null,
  space: string,
  { database, databaseUrl, timing, startMs }: LockStoreNeeds,
  shell: Shell,
): Promise<LockStore> {
  const { log, metrics = noMetrics } = shell;
  if (redis === null) return new MemoryLockStore({ nowMs: () => Math.floor(performance.now()) });
  // One server opens the space at a time: after it is noted as used and before its first locks exist, it
  // looks like a space that lost its locks.
  const open = () =>
    oneAtATime(databaseUrl, () =>
      openRedisLockStore({
        ...redis,
        space,
        log,
        graceMs: lossGraceMs(timing),
        noteUse: () => noteLockSpace(database, space),
      }),
    );
  const store = await onceThere(open, shell, startMs);
  return measuredLockStore(store, metrics);
}

export const storeChecks = (database: Database, ...stores: readonly LockStore[]): Checks => ({
  "the database takes writes": createWriteProof(database),
  "the lock store answers": () => Promise.all(stores.map((store) => store.load("ready"))),
});
